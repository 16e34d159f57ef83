-- Keys of security and credentials cannot be set by a script.
local function failure(path)
  local ok, raised = pcall(Config.set, path, "x")
  return { ok = ok, kind = raised.kind, message = raised.message }
end
return {
  failure("security.level"),
  failure("providers.openai.api_key"),
  failure("my.password"),
}
