-- `settle` waits for all and says for each how it ended.
local results = Async.all({
  function() return Tool.calculator({ input = "1 + 1" }).output end,
  function() Tool.invoke("no_such_tool") end,
  function() error("own words", 0) end,
}, { settle = true })
return {
  { ok = results[1].ok, value = results[1].value },
  { ok = results[2].ok, kind = results[2].error.kind },
  { ok = results[3].ok, error = results[3].error },
}
