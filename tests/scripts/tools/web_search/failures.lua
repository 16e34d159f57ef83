-- A service that fails, a key that is missing, values that are not allowed; a missing parameter raises.
local function failure(params)
  local ok, r = pcall(Tool.web_search, params)
  return ok and { r.success, r.error_kind, r.error } or { "raised", r.kind, r.message }
end
local down = Tool.web_search { input = "tea", provider = "brave" }
return {
  down = { down.success, down.error_kind },
  key = failure { input = "tea", provider = "tavily" },
  images = failure { input = "tea", provider = "exa", search_type = "images" },
  span = failure { input = "tea", freshness = "decade" },
  input = failure {},
}
