// Members are read without unpacking.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
await Tool.file_operations({ operation: "write", path: base + "/src/a.txt", input: "alpha" });
await Tool.file_operations({ operation: "write", path: base + "/src/d/b.txt", input: "beta" });
await Tool.archive_handler({ operation: "create", path: base + "/a.tar.zst", input: base + "/src" });
const r = await Tool.archive_handler({ operation: "read", path: base + "/a.tar.zst", members: ["src/a.txt", "src/d/b.txt"] });
const result = {
  output: r.output,
  files: r.data.files,
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
