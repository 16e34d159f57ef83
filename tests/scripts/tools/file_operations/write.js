// A file is written, with the directories above it; a table is written as JSON.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
const first = await Tool.file_operations({ operation: "write", path: base + "/d/a.txt", input: "hello" });
const again = await Tool.file_operations({ operation: "create", path: base + "/d/a.txt", content: "bye" });
const taken = await Tool.file_operations({ operation: "write", path: base + "/d/a.txt", input: "x", mode: "create_new" });
await Tool.file_operations({ operation: "write", path: base + "/t.json", input: { a: [1, 2] } });
const json = await Tool.file_operations({ operation: "read", path: base + "/t.json" });
const result = {
  first: [plain(first.path), first.bytes_written, first.size, first.created, plain(first.output)],
  again: [again.size, again.created],
  taken: [taken.success, taken.error_kind],
  json: json.output,
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
