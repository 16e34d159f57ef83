// Matches are counted.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/a", input: "x x\nx" });
await Tool.file_operations({ operation: "write", path: base + "/b", input: "y" });
await Tool.file_operations({ operation: "write", path: base + "/c", input: "X" });
const r = await Tool.file_search({ operation: "count", pattern: "x", path: base });
const any = await Tool.file_search({ operation: "count", pattern: "x", path: base, case_sensitive: false });
const result = {
  counts: [r.output, r.total, plain(r.counts[0].file_path), r.counts[0].count, r.counts.length],
  any: any.total,
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
