-- A value is replaced only if it is the expected one.
local first = State.compare_and_set("global", "n", nil, 1)
local again = State.compare_and_set("global", "n", nil, 2)
local second = State.compare_and_set("global", "n", 1.0, { a = { 1 }, b = "x" })
local map = State.compare_and_set("global", "n", { b = "x", a = { 1 } }, nil)
local null = State.compare_and_set("global", "n", nil, "end")
local passing = State.compare_and_set("global", "temp:n", nil, 1)
local _, e = pcall(State.compare_and_set, "n", 1, 2)
return {
  first = first, again = again, second = second, map = map, null = null, passing = passing,
  value = State.load("n"), temp = State.load("temp:n"), error = { e.kind, e.message, e.op },
}
