-- What the policy refuses, and targets that are none.
local function failure(params)
  local ok, r = pcall(Tool.service_checker, params)
  if not ok then return { "raised", r.kind, r.message } end
  return { r.success, r.error_kind, r.error }
end
return {
  private = failure { target = "192.168.0.1:80" },
  metadata = failure({ url = "http://169.254.169.254/" })[2],
  port = failure { target = "host:99999" },
  none = failure {},
  type = failure { target = "host:1", type = "icmp" },
}
