// Parts of a text are replaced: all of them, or none.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
const plain = (value) =>
  Array.isArray(value) ? value.map(plain) : value.replaceAll(base, "BASE");
await Tool.file_operations({ operation: "write", path: base + "/a", input: "red red blue\n" });
const often = await Tool.file_operations({ operation: "edit", path: base + "/a", edits: [{ old: "blue", new: "green" }, { old: "red", new: "x" }] });
const tried = await Tool.file_operations({ operation: "edit", path: base + "/a", edits: [{ old: "red", new: "white", count: 0 }], dry_run: true });
const before = await Tool.file_operations({ operation: "read", path: base + "/a" });
const made = await Tool.file_operations({ operation: "edit", path: base + "/a", edits: [{ old: "red", new: "white", count: 0 }, { old: "blue", new: "green" }] });
const after = await Tool.file_operations({ operation: "read", path: base + "/a" });
const result = {
  often: [often.success, often.error_kind],
  tried: [tried.replacements, before.output],
  made: [made.replacements, after.output, plain(made.diff)],
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
