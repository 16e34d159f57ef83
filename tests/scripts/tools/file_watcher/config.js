// The limits in effect are shown.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
await Tool.file_operations({ operation: "write", path: base + "/a", input: "x" });
const r = await Tool.file_watcher({ operation: "config" });
const result = {
  limits: r.output,
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
