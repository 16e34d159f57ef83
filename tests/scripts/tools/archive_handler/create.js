// Files and directories are packed; the name tells the format.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/src/a.txt", input: "alpha" });
await Tool.file_operations({ operation: "write", path: base + "/src/d/b.txt", input: "beta" });
const zip = await Tool.archive_handler({ operation: "create", path: base + "/a.zip", input: base + "/src" });
const tar = await Tool.archive_handler({ operation: "pack", output_path: base + "/a.tgz", files: [base + "/src/a.txt", { path: base + "/src/d/b.txt", archive_path: "c" }], compression_level: 9 });
const taken = await Tool.archive_handler({ operation: "create", path: base + "/a.zip", input: base + "/src" });
const one = await Tool.archive_handler({ operation: "compress", path: base + "/a.txt.gz", input: base + "/src/a.txt" });
const result = {
  zip: [plain(zip.output), zip.format, zip.data.files, zip.archived_files, zip.file_count, zip.total_size, zip.compression_level, zip.skipped],
  tar: [tar.format, tar.data.files, tar.compression_level],
  taken: taken.error_kind,
  one: [one.format, one.data.files],
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
