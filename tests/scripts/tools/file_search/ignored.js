// What .gitignore files name is left out, and so are hidden files.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/.gitignore", input: "*.log\nbuild/\n" });
await Tool.file_operations({ operation: "write", path: base + "/a.log", input: "x" });
await Tool.file_operations({ operation: "write", path: base + "/build/b", input: "x" });
await Tool.file_operations({ operation: "write", path: base + "/.hidden", input: "x" });
await Tool.file_operations({ operation: "write", path: base + "/node_modules/c", input: "x" });
await Tool.file_operations({ operation: "write", path: base + "/d", input: "x" });
const usual = await Tool.file_search({ pattern: "x", path: base });
const all = await Tool.file_search({ pattern: "x", path: base, respect_gitignore: false, hidden: true, exclude: [".gitignore"] });
const result = {
  usual: plain(usual.data.files),
  all: plain(all.data.files),
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
