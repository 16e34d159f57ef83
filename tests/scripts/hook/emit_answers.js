// A hook may keep an event of the runtime from being published, or change it; what it is about goes on. It is not asked
// about what comes of its own calls.
const asked = [];
await Hook.register("BeforeEventEmit", async (ctx) => {
  const kind = ctx.data.event_type;
  asked.push(kind);
  if (kind === "tool.started") {
    await Tool.invoke("calculator", { input: "1 + 2" });
    return "no";
  } else if (kind === "log.warn") {
    return { type: "modified", data: { payload: { message: "hidden" } } };
  } else if (kind === "config.changed") {
    return { type: "modified", data: { event_type: "config.renamed", source: "guard" } };
  }
});
const id = await Event.subscribe(["tool.*", "log.*", "config.*"]);
const sum = (await Tool.invoke("calculator", { input: "20 + 1" })).output;
await Logger.warn("careful");
await Config.set("x.y", 1);
const got = (await Event.receiveBatch(id, { timeout_ms: 0 }))
  .map((e) => [e.type, String(e.source), e.data.message ?? e.data.key ?? e.data.tool_name]);
export default { sum, asked, got, set: Config.get("x.y") };
