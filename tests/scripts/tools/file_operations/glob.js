// Paths are found by a glob.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/a.rs", input: "1" });
await Tool.file_operations({ operation: "write", path: base + "/s/b.rs", input: "2" });
await Tool.file_operations({ operation: "write", path: base + "/s/c.md", input: "3" });
const top = await Tool.file_operations({ operation: "glob", path: base, pattern: "*.rs" });
const deep = await Tool.file_operations({ operation: "find", path: base, pattern: "**/*.rs" });
const result = {
  top: [plain(top.output), top.count],
  deep: [plain(deep.files), deep.entries[1].name],
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
