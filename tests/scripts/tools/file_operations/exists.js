// It is told whether something is there.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
await Tool.file_operations({ operation: "write", path: base + "/a", input: "" });
const yes = await Tool.file_operations({ operation: "exists", path: base + "/a" });
const no = await Tool.file_operations({ operation: "exists", path: base + "/b" });
const out = await Tool.file_operations({ operation: "exists", path: "/etc/passwd" });
const result = {
  yes: [yes.output, yes.exists, yes.type],
  no: [no.output, no.exists],
  out: out.error_kind,
};
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
export default result;
