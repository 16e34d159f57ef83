-- A function keeps what it closes over from call to call.
local count, names = 0, {}
Tool.define {
  name = "visit",
  description = "Counts visitors",
  parameters = { { name = "name", type = "string" } },
  execute = function(p)
    count = count + 1
    names[#names + 1] = p.name
    return count
  end,
}
local last
for _, name in ipairs { "ann", "bob", "eve" } do last = Tool.visit({ name = name }).output end
return { last = last, count = count, names = names }
