-- A service may be asked only so often: by all tools together, or by this one.
local function last(provider)
  local r
  for _ = 1, 2 do r = Tool.web_search { input = "tea", provider = provider } end
  return { r.success, r.error_kind, r.error:find("rate limit") ~= nil, r.metadata.details.retry_after_ms > 0 }
end
return { shared = last("exa"), own = last("duckduckgo") }
