// Regular expressions: replaced, matched, extracted.
const input = "Ann <ann@example.org>, Bob <BOB@example.org>";
const run = async (params) => (await Tool.text_manipulator({ ...params, input })).output;
export default {
  replaced: await run({ operation: "regex_replace", pattern: "(\\w+)@(\\w+)", replacement: "$2 at $1" }),
  match: await run({ operation: "match", pattern: "^ann", flags: "i" }),
  no_match: await run({ operation: "match", pattern: "^bob" }),
  extract: await run({ operation: "extract", pattern: "\\w+@[\\w.]+" }),
  group: await run({ operation: "extract", pattern: "(\\w+)@", group: 1 }),
  action: await run({ operation: "regex", action: "extract", pattern: "[A-Z]\\w+ " }),
};
