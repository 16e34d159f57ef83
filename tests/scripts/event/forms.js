// The ways to publish, and what an event says that was published without options or in another's name.
const id = await Event.subscribe("f.*");
await Event.publish("f.plain");
await Event.publish({ event_type: "f.table", data: { n: 1 }, priority: "low", language: "js" });
await Event.emit("f.emit", [1, 2], { language: "py", target_language: "rust", source: "till" });
await Event.publish("f.hint", true, { correlation_id: "batch 7", language: "rust" });
const uuid = "0193b2a0-0000-7000-8000-000000000001";
await Event.publish("f.uuid", 1.5, { correlation_id: uuid, metadata: { region: "eu" }, tags: ["a", "b"] });
export default (await Event.receiveBatch(id)).map((e, i) => {
  const shown = {
    type: e.type, data: e.data, priority: e.metadata.priority, source: String(e.source),
    language: i > 0 && i < 4 ? e.language : undefined, target_language: e.target_language, ttl: e.ttl,
    tags: e.metadata.tags, hint: e.metadata.correlation_hint, region: e.metadata.region,
    own_id: e.correlation_id === uuid, same: e.metadata.correlation_id === e.correlation_id,
  };
  for (const name of Object.keys(shown)) if (shown[name] == null) delete shown[name];
  return shown;
});
