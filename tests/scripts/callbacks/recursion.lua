-- A tool may call itself through the runtime.
Tool.define {
  name = "factorial",
  description = "Multiplies 1 to n",
  parameters = { { name = "n", type = "integer", required = true } },
  execute = function(p)
    if p.n <= 1 then return 1 end
    return p.n * Tool.factorial({ n = p.n - 1 }).output
  end,
}
return Tool.factorial({ n = 10 }).output
