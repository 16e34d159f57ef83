-- What cannot be read: a missing page, a picture, elements nested too deeply; a missing parameter raises.
local function failure(params)
  local ok, r = pcall(Tool.web_scraper, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
local gone = Tool.web_scraper { input = Args[1] .. "/status/404" }
return {
  gone = { gone.error_kind, gone.data.status_code },
  picture = failure { input = Args[1] .. "/bytes/10" },
  deep = failure { html = string.rep("<div>", 10000) },
  private = failure { input = "http://10.0.0.1/" },
  browser = failure { html = "x", render_js = true },
  input = failure {},
}
