// What a hook is told.
const told = {};
for (const point of ["ToolValidation", "BeforeToolExecution", "AfterToolExecution", "ToolError", "BeforeAgentExecution", "AfterAgentExecution"]) {
  await Hook.register(point, (ctx) => { told[point] ??= ctx; });
}
await Tool.calculator({ input: "1 + 1" });
await Tool.calculator({ input: "1 / 0" });
await (await Agent.create({ name: "ann", model: "mock/echo" })).execute({ text: "hi", variables: { a: 1 } });
// Lua has no members that are null.
const keys = (o) => Object.keys(o).filter((name) => o[name] !== null).sort().join(" ");
const data = {};
for (const [point, ctx] of Object.entries(told)) data[point] = keys(ctx.data);
const b = told.BeforeToolExecution, a = told.AfterToolExecution, e = told.ToolError, g = told.AfterAgentExecution;
export default {
  data, context: keys(b), operation: keys(b.operation), component: [b.component_id.type, b.component_id.name],
  copies: [b.tool_name, b.parameters.input, a.result !== undefined, e.error !== undefined, g.agent_name],
  same: b.correlation_id === a.correlation_id && a.correlation_id !== e.correlation_id,
  values: [b.point, b.hook_point, b.attempt, b.replaying, b.data.caller, b.data.operation, a.data.output, a.data.success, e.data.error_kind],
  agent: [g.data.prompt, g.data.input.text, g.data.variables.a, g.data.text === g.data.output],
  validation: [told.ToolValidation.data.valid, told.ToolValidation.data.errors.length, told.ToolValidation.data.schema.type],
};
