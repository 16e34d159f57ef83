-- The table of a tool bounds that tool alone, and may spell its name as scripts may.
local function length(times, most)
  local r = Tool.text_manipulator {
    operation = "repeat", input = "abcdefghij", times = times, max_output_bytes = most,
  }
  return r.metadata.truncated and "cut" or #r.output
end
local function limit(params)
  local r = Tool.json_processor(params)
  local key = r.error:match("`(tools%.json_processor%.[%w_]+)`")
  return { r.success, r.error_kind, key }
end
return {
  fits = length(50),
  cut = length(200),
  lowered = length(50, 200),
  never_raised = length(200, 100000),
  others = #Tool.base64_encoder { input = ("a"):rep(300) }.output,
  input = limit { input = '"' .. ("a"):rep(2000) .. '"', query = "length" },
  steps = limit { input = "0", query = "last(range(100000))" },
  memory = limit { input = "0", query = '[range(100)] | map("0123456789abcdef")' },
}
