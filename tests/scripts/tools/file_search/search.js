// Text is found in files, with its place and the lines around it.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/a.txt", input: "one\nzwei needle\nthree\n" });
await Tool.file_operations({ operation: "write", path: base + "/sub/b.md", input: "Needle needle\n" });
await Tool.file_operations({ operation: "write", path: base + "/c.bin", input: "needle" });
const r = await Tool.file_search({ pattern: "needle", path: base, exclude: ["*.bin"], context_lines: 1 });
const any = await Tool.file_search({ operation: "search_regex", query: "(n)eed\\w+", path: base + "/sub", ignore_case: true });
const files = await Tool.file_search({ pattern: "needle", path: base, output_mode: "files", include: ["md", "txt"] });
const none = await Tool.file_search({ pattern: "absent", path: base });
const cut = await Tool.file_search({ pattern: "needle", path: base, max_results: 1 });
const result = {
  first: [plain(r.matches[0].file_path), r.matches[0].line_number, r.matches[0].column_number, r.matches[0].byte_offset, r.matches[0].line_content, r.matches[0].matched_text, r.matches[0].context_before, r.matches[0].context_after, r.matches[0].context],
  files: plain(r.data.files),
  summary: r.summary,
  any: [any.output.length, any.matches[0].captures],
  output: plain(files.output),
  none: [none.summary.has_matches, none.output],
  cut: [cut.output.length, cut.truncated],
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
