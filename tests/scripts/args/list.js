// Args is the list of the script's arguments.
const all = [];
for (const value of Args) all.push(value);
export default { count: Args.length, first: Args[0], all, beyond: Args[98] === undefined };
