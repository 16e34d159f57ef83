// A text is read whole, in lines, and up to a number of bytes.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/a.txt", input: "one\ntwo\nthree\n" });
const whole = await Tool.file_operations({ operation: "read", path: base + "/a.txt" });
const lines = await Tool.file_operations({ operation: "cat", path: base + "/a.txt", start_line: 2, end_line: 2 });
const start = await Tool.file_operations({ operation: "read", path: base + "/a.txt", max_bytes: 5 });
const binary = await Tool.file_operations({ operation: "read", path: base + "/a.txt", encoding: "base64" });
const result = {
  whole: [whole.output, whole.size, whole.encoding, whole.line_count, whole.start_line, whole.end_line, whole.input],
  lines: [lines.content, lines.line_count, lines.start_line, lines.end_line],
  start: [start.content, start.size, start.metadata.truncated],
  binary: [binary.output, binary.encoding],
  path: plain(whole.path),
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
