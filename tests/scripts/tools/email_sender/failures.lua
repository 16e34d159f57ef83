-- Injected headers, refused recipients, accounts that are not there, parameters that are wrong.
local function failure(params)
  local ok, r = pcall(Tool.email_sender, params)
  if not ok then return { "raised", r.kind, r.message } end
  return { r.success, r.error_kind, r.error }
end
return {
  subject = failure { to = "bob@example.org", subject = "a\r\nBcc: x@example.org", body = "x" },
  address = failure({ to = "bob@example.org\nBcc: x@example.org", subject = "a", body = "x" })[2],
  header = failure { to = "bob@example.org", subject = "a", body = "x", headers = { Bcc = "x@example.org" } },
  recipient = failure { to = "boss@example.org", subject = "a", body = "x" },
  provider = failure { to = "bob@example.org", subject = "a", body = "x", provider = "pigeon" },
  key = failure({ to = "bob@example.org", subject = "a", body = "x", provider = "sendgrid" })[2],
  missing = failure { to = "bob@example.org", subject = "a" },
  nobody = failure { subject = "a", body = "x" },
}
