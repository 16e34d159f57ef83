-- What the policy hides, what needs a higher level, and parameters that are wrong.
local function failure(params)
  local ok, r = pcall(Tool.environment_reader, params)
  if not ok then return { "raised", r.kind, r.message } end
  return { r.success, r.error_kind, r.error }
end
return {
  denied = failure { name = "API_KEY" },
  set = failure { operation = "set", name = "LLMSPELL_PUBLIC_X", value = "1" },
  brace = failure { operation = "expand", input = "${PATH" },
  missing = failure { operation = "get" },
  unknown = failure { nmae = "PATH" },
}
