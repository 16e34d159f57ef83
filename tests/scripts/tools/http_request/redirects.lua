-- Redirects are followed, counted, limited, and checked.
local function ask(path, params)
  params.input = Args[1] .. path
  local r = Tool.http_request(params)
  return { ok = r.success, kind = r.error_kind, status = r.status_code, count = r.redirects and #r.redirects }
end
return {
  followed = ask("/redirect/2", {}),
  url = Tool.http_request { input = Args[1] .. "/redirect/1" }.url,
  first = Tool.http_request { input = Args[1] .. "/redirect/1" }.metadata.redirects,
  not_followed = ask("/redirect/2", { follow_redirects = false }),
  too_many = ask("/redirect/3", { max_redirects = 2 }),
  inside = ask("/redirect_to?url=http://10.0.0.1/", {}),
  scheme = ask("/redirect_to?url=file:///etc/passwd", {}),
}
