-- A library of tools: the spell that loads it has them.
Tool.define {
  name = "shout",
  description = "Makes a text loud",
  parameters = { { name = "text", type = "string", required = true } },
  execute = function(p) return p.text:upper() .. "!" end,
}
