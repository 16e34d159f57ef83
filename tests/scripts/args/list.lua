-- Args is the list of the script's arguments. Lua has `...` and `arg` as well.
local first, second = ...
assert(first == Args[1] and second == Args[2] and arg[1] == Args[1] and #arg == #Args)
local all = {}
for i, value in ipairs(Args) do all[i] = value end
return { count = #Args, first = Args[1], all = all, beyond = Args[99] == nil }
