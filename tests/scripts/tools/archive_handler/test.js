// A damaged archive is found out.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
await Tool.file_operations({ operation: "write", path: base + "/src/a.txt", input: "alpha" });
await Tool.file_operations({ operation: "write", path: base + "/src/d/b.txt", input: "beta" });
await Tool.archive_handler({ operation: "create", path: base + "/a.tar.bz2", input: base + "/src" });
await Tool.file_operations({ operation: "write", path: base + "/bad.zip", input: "no zip" });
const good = await Tool.archive_handler({ operation: "test", path: base + "/a.tar.bz2" });
const bad = await Tool.archive_handler({ operation: "verify", path: base + "/bad.zip" });
const result = {
  good: [good.output, good.valid, good.errors, good.file_count],
  bad: [bad.success, bad.output, bad.errors.length],
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
