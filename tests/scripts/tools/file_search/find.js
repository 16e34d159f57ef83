// Files are found by name, size and type.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/a.rs", input: "12345" });
await Tool.file_operations({ operation: "write", path: base + "/d/b.rs", input: "1" });
await Tool.file_operations({ operation: "write", path: base + "/.hidden", input: "1" });
await Tool.file_operations({ operation: "write", path: base + "/d/c.md", input: "" });
const named = await Tool.file_search({ operation: "find", path: base, name: "*.rs" });
const large = await Tool.file_search({ operation: "find_files", path: base, type: "file", min_size: 2 });
const dirs = await Tool.file_search({ operation: "find", path: base, type: "directory" });
const recent = await Tool.file_search({ operation: "find", path: base, modified_after: "2020-01-01", max_depth: 1, hidden: true });
const result = {
  named: [plain(named.output), named.count, named.data.files[0].name, named.data.files[0].size, named.data.files[0].type],
  large: plain(large.output),
  dirs: plain(dirs.output),
  recent: plain(recent.output),
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
