// What is stored comes back byte for byte, with all that is known of it.
const sid = await Session.create({ name: "files" });
const text = await Artifact.store(sid, "tool_result", "a.json", '{"x":1}', { tags: ["demo"], step: 2, description: "first" });
const bytes = await Artifact.store(sid, "UserInput", "blob", new Uint8Array([0, 255, 1]));
const table_ = await Artifact.store(sid, "notes", { list: [1, 2] }, { mime_type: "application/x-notes" });
const own = await Artifact.store(sid, "My Chart", "chart", "line\n".repeat(5000), { parent_artifact: text });
const again = await Artifact.store(sid, "tool_result", "a.json", "{}");
const seen = (artifact) => {
  const m = artifact.metadata;
  return {
    name: m.name, type: m.artifact_type, mime: m.mime_type, size: m.size, original: m.original_size,
    compressed: m.is_compressed, smaller: m.stored_size < m.size, version: m.version, sequence: m.sequence,
    tags: m.tags, custom: m.custom, description: m.description, by: m.created_by,
    parent: m.parent_artifact?.sequence,
    same: m.id.content_hash === m.content_hash && m.session_id === sid && artifact.name === m.name
      && artifact.id.sequence === m.sequence,
    at: /^\d{4}-\d\d-\d\dT.*Z$/.test(m.created_at),
  };
};
const got = await Artifact.get(sid, text);
const list = await Artifact.list(sid);
const content = await Artifact.getContent(sid, bytes);
export default {
  id: { hash: text.content_hash.length, own: text.session_id === sid, sequence: text.sequence },
  content: got.content,
  text: seen(got),
  bytes: {
    seen: seen(await Artifact.get(sid, bytes)),
    size: content.length,
    exact: content instanceof Uint8Array && content[0] === 0 && content[1] === 255 && content[2] === 1,
  },
  table_: { seen: seen(await Artifact.get(sid, table_)), content: await Artifact.get_content(sid, table_) },
  own: seen(await Artifact.get(sid, own)),
  by_hash: await Artifact.get_content(sid, text.content_hash),
  by_metadata: await Artifact.get_content(sid, list[0]),
  by_artifact: await Artifact.get_content(sid, got),
  names: list.map((m) => `${m.name} ${m.version}`),
  versions: (await Artifact.versions(sid, "a.json")).length,
  newest: await Artifact.get_content(sid, again),
  filtered: [
    (await Artifact.list(sid, { artifact_type: "ToolResult" })).length,
    (await Artifact.list(sid, { tags: ["demo"] })).length,
    (await Artifact.list(sid, { tags: ["x"] })).length,
  ],
};
