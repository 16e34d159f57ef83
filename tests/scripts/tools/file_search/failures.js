// What cannot be searched is told by kind; parameters of the wrong shape raise.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const failure = (params) =>
  Tool.file_search(params).then(
    (r) => [r.success, r.error_kind],
    (raised) => ["raised", raised.kind, raised.message],
  );
await Tool.file_operations({ operation: "write", path: base + "/a", input: "x" });
const result = {
  missing: await failure({ pattern: "x", path: base + "/none" }),
  blank: await failure({ pattern: " ", path: base }),
  regex: await failure({ pattern: "(", path: base, use_regex: true }),
  outside: await failure({ pattern: "x", path: "/etc" }),
  limit: await failure({ pattern: "x", path: base, max_results: 0 }),
  pattern: await failure({ path: base }),
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
