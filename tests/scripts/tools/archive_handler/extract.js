// An archive is unpacked, whole or in part.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/src/a.txt", input: "alpha" });
await Tool.file_operations({ operation: "write", path: base + "/src/d/b.txt", input: "beta" });
await Tool.archive_handler({ operation: "create", path: base + "/a.tar.xz", input: base + "/src" });
const all = await Tool.archive_handler({ operation: "extract", path: base + "/a.tar.xz", target_path: base + "/out" });
const text = await Tool.file_operations({ operation: "read", path: base + "/out/src/d/b.txt" });
const taken = await Tool.archive_handler({ operation: "unpack", path: base + "/a.tar.xz", target_path: base + "/out" });
const kept = await Tool.archive_handler({ operation: "extract", path: base + "/a.tar.xz", target_path: base + "/out", overwrite: "skip" });
const part = await Tool.archive_handler({ operation: "decompress", path: base + "/a.tar.xz", target_path: base + "/part", members: ["src/d"], strip_components: 2 });
const result = {
  all: [plain(all.output_dir), plain(all.output), plain(all.extracted_files), all.file_count, all.total_size, all.skipped],
  text: text.output,
  taken: taken.error_kind,
  kept: [kept.file_count, kept.skipped],
  part: plain(part.output),
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
