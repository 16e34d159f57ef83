-- Takes a URL apart; text that is none is an answer as well.
local r = Tool.url_analyzer { input = "HTTPS://ann:secret@Shop.Example.co.uk:443/a/report.PDF?q=1&q=a+b#top" }
local none = Tool.url_analyzer { url = "no url", operation = "validate" }
local raw = Tool.url_analyzer { input = "http://a/?x=a+b", decode_params = false }
local relative = Tool.url_analyzer { input = "../c", base = "https://a.example/a/b/" }
return {
  output = r.output, original = r.original, host = r.host, port = r.port, params = r.query_params, list = #r.query_list,
  domain = { r.host_details.registrable_domain, r.host_details.subdomain, r.host_details.suffix },
  segments = r.segments, extension = r.file_extension, user = { r.username, r.has_auth, r.has_password },
  none = { none.success, none.valid, none.reason }, raw = raw.query_params, relative = relative.output,
}
