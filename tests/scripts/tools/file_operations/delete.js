// Files go; directories that are not empty only on request.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/d/a", input: "1" });
await Tool.file_operations({ operation: "write", path: base + "/d/e/b", input: "2" });
await Tool.file_operations({ operation: "write", path: base + "/c", input: "3" });
const file = await Tool.file_operations({ operation: "delete", path: base + "/c" });
const full = await Tool.file_operations({ operation: "delete", path: base + "/d" });
const dry = await Tool.file_operations({ operation: "rm", path: base + "/d", recursive: true, dry_run: true });
const all = await Tool.file_operations({ operation: "remove", path: base + "/d", recursive: true });
const left = await Tool.file_operations({ operation: "list_dir", path: base });
const result = {
  file: [file.deleted, plain(file.path)],
  full: [full.success, full.error_kind],
  dry: dry.deleted,
  all: all.deleted,
  left: left.count,
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
