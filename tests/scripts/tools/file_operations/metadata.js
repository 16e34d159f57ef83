// What is known of a path is told.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/a.json", input: "{}" });
const file = await Tool.file_operations({ operation: "metadata", path: base + "/a.json" });
const dir = await Tool.file_operations({ operation: "stat", path: base });
const none = await Tool.file_operations({ operation: "info", path: base + "/none" });
const result = {
  file: [plain(file.path), file.type, file.size, file.readonly, file.permissions, file.mime_type, file.modified == file.data.modified],
  dir: dir.output.type,
  none: none.error_kind,
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
