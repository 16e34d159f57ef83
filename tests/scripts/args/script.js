// Args.script is the path of the script.
export default { type: typeof Args.script, name: Args.script.match(/(\w+)\.\w+$/)[1] };
