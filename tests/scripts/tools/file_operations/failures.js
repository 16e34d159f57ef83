// What cannot be done is told by kind; parameters of the wrong shape raise.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const failure = (params) =>
  Tool.file_operations(params).then(
    (r) => [r.success, r.error_kind],
    (raised) => ["raised", raised.kind, raised.message],
  );
await Tool.file_operations({ operation: "write", path: base + "/a", input: "x" });
const result = {
  missing: await failure({ operation: "read", path: base + "/none" }),
  directory: await failure({ operation: "read", path: base }),
  traversal: await failure({ operation: "read", path: base + "/../etc/passwd" }),
  outside: await failure({ operation: "read", path: "/etc/passwd" }),
  operation: await failure({ operation: "reed", path: base + "/a" }),
  mode: await failure({ operation: "write", path: base + "/a", input: "x", mode: "other" }),
  path: await failure({ operation: "read" }),
  input: await failure({ operation: "write", path: base + "/a" }),
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
