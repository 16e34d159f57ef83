// A message as it would be sent, without those who get it unseen.
const r = await Tool.email_sender({
  operation: "preview", from: "ada@example.org", to: "bob@example.org", bcc: "dan@example.org",
  subject: "Hello", html: "<p>Hi</p>", text: "Hi",
});
export default { recipients: r.recipients, same: r.output === r.raw, size: r.size === r.raw.length,
  subject: r.raw.match(/Subject: ([^\r]*)/)[1], parts: r.raw.match(/multipart\/[a-z]+/)[0],
  hidden: !r.raw.includes("dan@") };
