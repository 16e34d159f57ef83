// Injected headers, refused recipients, accounts that are not there, parameters that are wrong.
const failure = (params) => Tool.email_sender(params).then(
  (r) => [r.success, r.error_kind, r.error],
  (raised) => ["raised", raised.kind, raised.message],
);
export default {
  subject: await failure({ to: "bob@example.org", subject: "a\r\nBcc: x@example.org", body: "x" }),
  address: (await failure({ to: "bob@example.org\nBcc: x@example.org", subject: "a", body: "x" }))[1],
  header: await failure({ to: "bob@example.org", subject: "a", body: "x", headers: { Bcc: "x@example.org" } }),
  recipient: await failure({ to: "boss@example.org", subject: "a", body: "x" }),
  provider: await failure({ to: "bob@example.org", subject: "a", body: "x", provider: "pigeon" }),
  key: (await failure({ to: "bob@example.org", subject: "a", body: "x", provider: "sendgrid" }))[1],
  missing: await failure({ to: "bob@example.org", subject: "a" }),
  nobody: await failure({ subject: "a", body: "x" }),
};
