// Directories are listed by path, also what is below them.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/b.md", input: "22" });
await Tool.file_operations({ operation: "write", path: base + "/a.txt", input: "1" });
await Tool.file_operations({ operation: "write", path: base + "/d/c.md", input: "" });
const flat = await Tool.file_operations({ operation: "list_dir", path: base });
const deep = await Tool.file_operations({ operation: "ls", path: base, recursive: true, pattern: "*.md" });
const cut = await Tool.file_operations({ operation: "dir", path: base, max_entries: 1 });
const result = {
  flat: [flat.files, flat.count, flat.truncated, flat.entries[1].name, flat.entries[1].type, flat.entries[1].size, flat.entries[1].readonly, plain(flat.entries[1].path), flat.entries[2].type],
  message: plain(flat.message),
  deep: deep.files,
  cut: [cut.files, cut.truncated],
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
