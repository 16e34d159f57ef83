// The further points about tools: what they are told, in which order, and the one that may prevent a call.
const seen = [], last = {};
for (const name of ["parameter_validation", "security_check", "resource_allocated", "resource_released", "timeout"]) {
  await Hook.register("custom:tool_" + name, (ctx) => {
    seen.push(name + " " + ctx.tool_name);
    last[name] = ctx.data;
    if (name === "security_check" && ctx.tool_name === "uuid_generator") return { type: "cancel", reason: "no ids" };
  });
}
await Hook.register("BeforeToolExecution", (ctx) => { seen.push("before " + ctx.tool_name); });
await Tool.define({ name: "slow", description: "Sleeps", execute: () => Utils.sleep(5) });
const output = (await Tool.calculator({ input: "1 + 1" })).output;
const calm = [last.resource_allocated.concurrent_ops, last.resource_released.operations_count, last.resource_released.cpu_time_ms >= 0, last.resource_released.memory_bytes > 0];
const raised = await Tool.uuid_generator({}).catch((e) => e);
await Tool.calculator({ input: "2 + 2" });
const again = last.resource_allocated.operations_count;
const late = await Tool.slow({ timeout_ms: 20 });
export default { output, calm, vetoed: [!(raised instanceof SpellError), raised.kind, raised.message], again, late: [late.success, late.error_kind], seen };
