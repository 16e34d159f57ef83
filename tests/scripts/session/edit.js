// Metadata is laid over what is there; three members are fields of the session; tags are added and removed.
const id = await Session.create({ metadata: { a: 1, b: { c: 2 } }, tags: ["one"] });
await Session.updateMetadata(id, { b: "new", d: [1, 2], name: "called", description: "so" });
const first = await Session.get(id);
await Session.addTags(id, ["two", "one", "three"]);
const added = (await Session.get(id)).tags;
await Session.removeTags(id, ["one", "never"]);
const removed = (await Session.get(id)).tags;
await Session.complete(id);
await Session.updateMetadata(id, { tags: ["late"], e: true });
const last = await Session.get(id);
const failed = async (verb, ...args) => {
  try {
    await Session[verb](...args);
  } catch (e) {
    return `${e.kind}: ${e.message}`;
  }
};
export default {
  custom: first.custom_metadata, name: first.name, description: first.description,
  added, removed, last: last.custom_metadata, tags: last.tags, status: last.status,
  changed: last.updated_at > last.created_at,
  long: await failed("addTags", id, ["x".repeat(65)]),
  no_table: await failed("updateMetadata", id, [1]),
  no_text: await failed("updateMetadata", id, { name: 5 }),
  missing: await failed("addTags", "00000000-0000-4000-8000-000000000000", ["x"]),
};
