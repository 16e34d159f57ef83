-- A module that takes its time is loaded once, also when several ask for it at the same time.
local function load() return require("slow") end
local results = Async.all { load, load, load }
return { same = results[1] == results[2] and results[2] == results[3], loads = results[1].counter.loads() }
