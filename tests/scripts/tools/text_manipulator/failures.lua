-- Values that are not allowed, and limits.
local function failure(params)
  local r = Tool.text_manipulator(params)
  return { success = r.success, kind = r.error_kind, error = r.error }
end
return {
  operation = failure({ operation = "upercase", input = "x" }).error:match("did you mean '(%w+)'"),
  expression = failure({ operation = "match", input = "x", pattern = "(" }).kind,
  flag = failure { operation = "match", input = "x", pattern = "x", flags = "q" },
  range = failure { operation = "word_wrap", input = "x", width = 0 },
  size = failure({ operation = "repeat", input = ("x"):rep(1000), times = 1000000 }).kind,
}
