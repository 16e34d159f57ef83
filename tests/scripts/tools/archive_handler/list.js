// What is in an archive is listed.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
await Tool.file_operations({ operation: "write", path: base + "/src/a.txt", input: "alpha" });
await Tool.file_operations({ operation: "write", path: base + "/src/d/b.txt", input: "beta" });
await Tool.archive_handler({ operation: "create", path: base + "/a.zip", input: base + "/src" });
const r = await Tool.archive_handler({ operation: "list", path: base + "/a.zip" });
const some = await Tool.archive_handler({ operation: "info", path: base + "/a.zip", members: "**/*.txt" });
const none = await Tool.archive_handler({ operation: "list", path: base + "/a.zip", members: ["x"] });
const result = {
  r: [r.format, r.file_count, r.total_size, r.output[0].name, r.output[0].is_dir, r.output[1].name, r.output[1].size, r.output[1].type, r.output[1].crc32],
  some: some.file_count,
  none: none.error_kind,
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
