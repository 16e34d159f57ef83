-- What answers is no browser; what is no page needs none; without `render_js` nothing is waited for.
local function told(params)
  local r = Tool.web_scraper(params)
  return { success = r.success, kind = r.error_kind, output = r.output, warnings = r.metadata.warnings }
end
local site = Args[1]
local stranger = Tool.web_scraper { url = site .. "/html", render_js = true }
return {
  stranger = { stranger.error_kind, stranger.error:match("^the browser answered 404") },
  given = told { html = "<p>x", wait_for_js = true },
  text = told({ url = site .. "/json", render_js = true, format = "text" }).success,
  gone = told({ url = site .. "/status/404", render_js = true }).kind,
  private = told({ url = "http://10.0.0.1/", render_js = true }).kind,
  ahead = told({ html = "<p>x", wait_for = ".late" }),
  negative = told({ html = "<p>x", render_js = true, wait_for = -1 }).kind,
}
