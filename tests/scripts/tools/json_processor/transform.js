// Builds an object from paths and filters.
const r = await Tool.json_processor({
  operation: "transform",
  input: { user: { name: "Ann", mails: ["a@x", "b@x"] } },
  transformation: { who: "$.user.name", first: ".user.mails[0]", count: ".user.mails | length" },
});
export default { output: r.output, operation: r.operation };
