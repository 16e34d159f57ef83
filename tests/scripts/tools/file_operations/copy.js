// Files and directories are copied.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/d/a", input: "1" });
await Tool.file_operations({ operation: "write", path: base + "/d/e/b", input: "22" });
const one = await Tool.file_operations({ operation: "copy", source_path: base + "/d/a", target_path: base + "/x/a" });
const tree = await Tool.file_operations({ operation: "copy", source_path: base + "/d", target_path: base + "/y" });
const all = await Tool.file_operations({ operation: "cp", source: base + "/d", target: base + "/y", recursive: true });
const kept = await Tool.file_operations({ operation: "copy", source_path: base + "/d/e/b", target_path: base + "/x/a", overwrite: false });
const found = await Tool.file_operations({ operation: "glob", path: base + "/y", pattern: "**/b" });
const result = {
  one: [plain(one.source), plain(one.target), one.bytes, one.files],
  tree: [tree.success, tree.error_kind],
  all: [all.bytes, all.files],
  kept: kept.error_kind,
  found: plain(found.output),
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
