-- A null inside a map says "nothing" to whoever gets it. In Lua it vanishes on the way back, in a list it is a hole.
local text = JSON.stringify { list = { 1, JSON.null }, map = { gone = JSON.null, kept = 1 } }
local back = JSON.parse(text)
return {
  text = text,
  absent = back.map.gone == nil,
  kept = back.map.kept,
  hole = back.list[2] == nil,
}
