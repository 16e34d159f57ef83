// An artifact is a source of media, by its id or its hash.
const sid = await Session.create();
await Session.setCurrent(sid);
const png = await Artifact.store(sid, "user_input", "dot.png", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
const pdf = await Artifact.store(sid, "user_input", "paper", "%PDF-1.7\n");
const agent = await Agent.create({ model: "mock/echo" });
let missing;
try { await agent.execute({ text: "look", image: { artifact: "0123456789abcdef" } }); } catch (e) { missing = e.kind; }
export default {
  id: (await agent.execute({ text: "look", image: { artifact: png } })).text,
  hash: (await agent.execute({ text: "look", media: [{ artifact: png.content_hash }, { type: "binary", artifact: pdf }] })).text,
  missing,
};
