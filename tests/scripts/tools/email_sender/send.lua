-- Everything about a message is checked in a dry run.
local r = Tool.email_sender {
  to = "Bob <bob@example.org>", cc = { "carol@example.org" }, bcc = "dan@example.org",
  subject = "Grüße", body = "Hi", attachments = { { content = "a,b", filename = "t.csv" } }, dry_run = true,
}
return { operation = r.operation, status = r.status, provider = r.provider, accepted = r.accepted, rejected = r.rejected,
  id = r.output == r.message_id and r.output:match("@example.org>$"), size = r.size > 100 }
