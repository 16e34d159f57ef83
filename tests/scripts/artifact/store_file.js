// Files of the sandbox become artifacts, named after the file.
const base = "/tmp/llmspell" + (await Tool.uuid_generator({})).output.replaceAll("-", "");
await Tool.file_operations({ operation: "write", path: `${base}/notes.md`, input: "# notes\n" });
await Tool.file_operations({ operation: "write", path: `${base}/page`, input: "<!DOCTYPE html><p>hi" });
const sid = await Session.create();
const id = await Artifact.storeFile(sid, `${base}/notes.md`);
const page = await Artifact.store_file(sid, `${base}/page`, "AgentOutput", { tags: ["web"], from: "test" });
const seen = async (id) => {
  const a = await Artifact.get(sid, id);
  return { name: a.name, type: a.artifact_type, mime: a.mime_type, content: a.content, custom: a.custom, tags: a.tags, sequence: a.sequence };
};
const kind = async (path) => { try { await Artifact.store_file(sid, path); } catch (e) { return e.kind; } };
const result = { notes: await seen(id), page: await seen(page), outside: await kind("/etc/passwd") };
await Tool.file_operations({ operation: "delete", path: base, recursive: true });
result.kept = await Artifact.get_content(sid, id);
result.gone = await kind(`${base}/notes.md`);
export default result;
