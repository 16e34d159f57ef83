// Hooks of an agent's beginning and end, of listings, and of what goes wrong in the run.
const seen = {};
const watch = (point, show) => Hook.register(point, (ctx) => { seen[point] = show(ctx.data); });
await watch("BeforeAgentInit", (d) => [d.agent_name, d.model]);
await watch("AfterAgentInit", (d) => [d.agent_name, d.duration_ms >= 0]);
await watch("BeforeAgentShutdown", (d) => [d.agent_name, d.reason]);
await watch("AfterAgentShutdown", (d) => [d.agent_name, typeof d.metrics === "object" ? "table" : "none"]);
await watch("BeforeToolDiscovery", (d) => [d.filter.category, d.caller]);
await watch("AfterToolDiscovery", (d) => [d.tools.length === d.discovered_count, d.discovered_count > 0]);
await watch("ResourceLimitExceeded", (d) => [d.operation, d.limit]);
await watch("SecurityViolation", (d) => [d.operation, d.violation]);
await watch("BeforeEventEmit", (d) => [d.event_type, d.payload, d.source]);
await watch("AfterEventEmit", (d) => [d.event_type, d.delivered, d.dropped, d.event_id.length]);
await watch("EventHandlerError", (d) => [d.event_type, /oh no/.exec(d.error_message)[0]]);
await watch("ConfigurationChange", (d) => [d.key, d.old_value ?? "none", d.new_value]);
await Tool.discover({ category: "utility" });
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
await agent.execute("hi");
await agent.destroy();
await Event.subscribe("full", { max_queue_size: 1, backpressure: "reject" });
await Event.publish("full", 1);
try { await Event.publish("full", 2); } catch {}
try { await Config.set("security.level", "none"); } catch {}
await Config.set("x.y", 5);
await Event.on("bad", () => { throw new Error("oh no"); });
await Event.publish("bad", 3, { source: "me" });
await Utils.sleep(0.05);
export default seen;
