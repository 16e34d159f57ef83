-- What is no sitemap, and what is not reached.
local function failure(params)
  local ok, r = pcall(Tool.sitemap_crawler, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
return {
  bomb = failure { input = Args[1] .. "/web/bomb.xml" },
  page = failure { input = Args[1] .. "/web/page" },
  missing = failure { input = Args[1] .. "/status/404" },
  private = failure { input = "http://10.0.0.1/sitemap.xml" },
  limit = failure { input = Args[1], max_depth = 11 },
  input = failure {},
}
