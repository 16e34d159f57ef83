// Files and directories are moved.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/d/a", input: "1" });
await Tool.file_operations({ operation: "write", path: base + "/b", input: "2" });
const dry = await Tool.file_operations({ operation: "move", source_path: base + "/d", target_path: base + "/n/d", dry_run: true });
const kept = await Tool.file_operations({ operation: "rename", source_path: base + "/d/a", target_path: base + "/b", overwrite: false });
const moved = await Tool.file_operations({ operation: "mv", source_path: base + "/d", target_path: base + "/n/d" });
const there = await Tool.file_operations({ operation: "exists", path: base + "/n/d/a" });
const here = await Tool.file_operations({ operation: "exists", path: base + "/d" });
const result = {
  dry: dry.success,
  kept: kept.error_kind,
  moved: [plain(moved.source), plain(moved.target), plain(moved.output)],
  there: there.output,
  here: here.output,
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
