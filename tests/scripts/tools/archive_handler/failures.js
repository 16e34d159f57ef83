// What cannot be done is told by kind; parameters of the wrong shape raise.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const failure = (params) =>
  Tool.archive_handler(params).then(
    (r) => [r.success, r.error_kind],
    (raised) => ["raised", raised.kind, raised.message],
  );
await Tool.file_operations({ operation: "write", path: base + "/a", input: "no archive" });
const result = {
  missing: await failure({ operation: "list", path: base + "/none.zip" }),
  unknown: await failure({ operation: "list", path: base + "/a" }),
  damaged: await failure({ operation: "list", path: base + "/a", format: "zip" }),
  format: await failure({ operation: "create", path: base + "/b.rar", input: base + "/a" }),
  level: await failure({ operation: "create", path: base + "/b.zip", input: base + "/a", compression_level: 12 }),
  outside: await failure({ operation: "create", path: "/etc/b.zip", input: base + "/a" }),
  target: await failure({ operation: "extract", path: base + "/a" }),
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
