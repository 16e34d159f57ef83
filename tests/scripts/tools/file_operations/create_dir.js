// Directories are made, those above them on request.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/x", input: "" });
const orphan = await Tool.file_operations({ operation: "create_dir", path: base + "/a/b/c" });
const made = await Tool.file_operations({ operation: "mkdir", path: base + "/a/b/c", recursive: true });
const again = await Tool.file_operations({ operation: "create_dir", path: base + "/a/b/c" });
const result = {
  orphan: [orphan.success, orphan.error_kind],
  made: [plain(made.path), made.created],
  again: again.created,
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
