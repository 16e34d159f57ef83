// What cannot be watched is told by kind; parameters of the wrong shape raise.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const failure = (params) =>
  Tool.file_watcher(params).then(
    (r) => [r.success, r.error_kind],
    (raised) => ["raised", raised.kind, raised.message],
  );
await Tool.file_operations({ operation: "write", path: base + "/a", input: "x" });
const result = {
  missing: await failure({ operation: "watch", input: base + "/none" }),
  outside: await failure({ operation: "start", input: "/etc" }),
  kind: await failure({ operation: "watch", input: base + "/a", events: ["moved"] }),
  watch: await failure({ operation: "stop", watch_id: "watch-9" }),
  input: await failure({ operation: "watch" }),
  id: await failure({ operation: "poll" }),
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
