// Text is added to the end of a file.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "append", path: base + "/log", input: "one\n" });
const second = await Tool.file_operations({ operation: "append", path: base + "/log", input: "two\n" });
const all = await Tool.file_operations({ operation: "read", path: base + "/log" });
const result = {
  second: [second.appended_size, second.size, plain(second.output)],
  all: all.output,
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
