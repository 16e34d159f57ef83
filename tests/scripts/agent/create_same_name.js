// A name means the newest agent that was created with it; the old one stays usable.
const old = await Agent.create({ name: "twin", model: "mock/echo", description: "old" });
const young = await Agent.create({ name: "twin", model: "mock/echo", description: "new" });
const before = (await Agent.get("twin")).description;
await young.destroy();
export default {
  same_id: old.id === young.id,
  equal: old === young,
  named: before,
  old_answers: (await old.execute("still here")).text,
  name_is_free: (await Agent.get("twin")) === null,
};
