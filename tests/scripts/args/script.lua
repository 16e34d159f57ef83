-- Args.script is the path of the script.
assert(arg[0] == Args.script)
return { type = type(Args.script), name = Args.script:match("(%w+)%.%w+$") }
