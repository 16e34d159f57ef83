-- What goes wrong is told with its kind; a syntax error with position and caret.
local function failure(input)
  local r = Tool.calculator { input = input }
  return { success = r.success, kind = r.error_kind, error = r.error, operation = r.operation }
end
return {
  syntax = failure("2 + * 3"),
  unknown_name = failure("sqr(4)"),
  division = failure("1 / 0"),
  too_deep = failure(("("):rep(200) .. "1" .. (")"):rep(200)).kind,
  too_long = failure(("1+"):rep(6000) .. "1").kind,
  too_large = failure("99999!").kind,
}
