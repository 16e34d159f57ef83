-- A message as it would be sent, without those who get it unseen.
local r = Tool.email_sender {
  operation = "preview", from = "ada@example.org", to = "bob@example.org", bcc = "dan@example.org",
  subject = "Hello", html = "<p>Hi</p>", text = "Hi",
}
return { recipients = r.recipients, same = r.output == r.raw, size = r.size == #r.raw,
  subject = r.raw:match("Subject: ([^\r]*)"), parts = r.raw:match("multipart/%a+"),
  hidden = r.raw:find("dan@", 1, true) == nil }
