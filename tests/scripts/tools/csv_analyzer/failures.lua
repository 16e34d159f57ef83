-- What cannot be done says why; parameters of the wrong shape raise.
local function failure(params)
  params.input = "name,age,city\nAnn,31,Berlin\n"
  local ok, r = pcall(Tool.csv_analyzer, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
return {
  column = failure { operation = "filter", filter = "agee > 1" },
  condition = failure { operation = "filter", filter = "age >" },
  pattern = failure { operation = "filter", filter = "name ~ '('" },
  expression = failure { operation = "transform", add_columns = { x = "city + 1" } },
  rule = failure { operation = "validate", rules = { age = "rage:1" } },
  operation = failure { operation = "analyse" },
  delimiter = failure { delimiter = "ab" },
  missing = failure { operation = "sort" },
  unknown = failure { sample_size = 1 },
}
