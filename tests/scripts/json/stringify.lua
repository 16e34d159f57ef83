-- JSON.stringify writes compact text; JSON.encode is the same function. Keys of a Lua table come sorted.
assert(JSON.encode { 1 } == "[1]")
return {
  map = JSON.stringify { a = 1, b = { 2, 3 }, c = { d = "e" } },
  text = JSON.stringify('say "hi"\n\t\\ é 🎉 \1'),
  numbers = JSON.stringify { 1, -0.5, 1000000, 0.001 },
  flags = JSON.stringify { true, false, JSON.null },
  nothing = JSON.stringify(nil),
}
