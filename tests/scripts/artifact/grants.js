// Other sessions may use an artifact as far as its own session says.
const [owner, other, third] = [await Session.create(), await Session.create(), await Session.create()];
const id = await Artifact.store(owner, "notes", "shared", "secret plan");
const may = async (f, ...args) => { try { await f(...args); return "yes"; } catch (e) { return e.kind; } };
const before = await may(Artifact.get, other, id);
await Artifact.grant(owner, id, other, "read");
const read = [await may(Artifact.get, other, id), await Artifact.getContent(other, id.content_hash), await may(Artifact.get, third, id), await may(Artifact.delete, other, id), await may(Artifact.grant, other, id, third, "read")];
await Artifact.grant(owner, id, other, "admin");
const admin = [await may(Artifact.grant, other, id, third, "write"), await may(Artifact.get, third, id), await may(Artifact.revoke, third, id, other, "read")];
await Artifact.revoke(owner, id, other, "admin");
const lowered = [await may(Artifact.grant, other, id, third, "read"), await may(Artifact.get, other, id)];
await Artifact.revoke(owner, id, other);
const revoked = await may(Artifact.get, other, id);
const deleted = [await may(Artifact.delete, third, id), await may(Artifact.get, owner, id)];
export default {
  before, read, admin, lowered, revoked, deleted,
  own: await may(Artifact.grant, owner, await Artifact.store(owner, "notes", "b", "x"), owner, "read"),
  unknown: await may(Artifact.grant, owner, await Artifact.store(owner, "notes", "c", "x"), "nowhere", "read"),
};
