-- A result can be walked, changed, copied, written and kept as any other table.
Tool.define { name = "report", description = "Reports", execute = function()
  return {
    success = true, operation = "report", output = "three", metadata = { message = "All counted" },
    data = { rows = 3, names = { "a", "b" } },
  }
end }
local function report(look) return look(Tool.report {}) end
local function keys(t)
  local names = {}
  for name in pairs(t) do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, " ")
end
local kept = Tool.report {}
collectgarbage()
return {
  keys = report(keys),
  keys_after_a_look = report(function(r) return r.output .. ": " .. keys(r) end),
  own = report(function(r) return { r.output, r.success, r.error == nil, r.error == nil, r.operation } end),
  same = report(function(r) return { r.data == r.data, r.result == r.data, r.data.names == r.names } end),
  output_of_data = report(function(r) return { r.data.output, r.result.output } end),
  by_number = report(function(r) return r[1] == nil end),
  joined = report(function(r) return r .. "/" .. tostring(r) .. "/" .. r end),
  set = report(function(r)
    r.output, r.extra = "mine", 1
    return { r.output, r.extra, tostring(r) }
  end),
  removed = report(function(r)
    local rows = r.rows
    r.data, r.metadata = nil, nil
    return { rows, r.rows == nil, r.data == nil, r.message == nil, keys(r) }
  end),
  written = report(function(r)
    local read = JSON.parse(JSON.stringify(r))
    return { read.output, read.data.names[2], read.metadata.message }
  end),
  copied = report(function(r)
    local copy = {}
    for name, value in pairs(r) do copy[name] = value end
    return { copy.output, copy.data.rows, copy.metadata.tool, copy.rows == nil }
  end),
  text = report(function(r) return JSON.parse(r.text).data.rows end),
  message = report(function(r) return r.message end),
  given = report(function(r) return r end).data,
  kept = { kept.rows, kept.data.names[1], kept.metadata.message, kept.output },
}
