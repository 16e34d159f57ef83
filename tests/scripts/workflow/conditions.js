// Every condition, as the skip condition of a step.
await Agent.create({ name: "judge", model: "mock/echo" });
const holds = async (condition, input = { n: 3 }) => {
  const wf = Workflow.sequential({ name: "c", steps: [
    { name: "before", execute: () => "red apple" },
    { name: "test", condition, execute: () => true },
  ] });
  await wf.set_state("count", 4);
  const r = await wf.execute(input);
  return r.error ? r.error.kind : !r.step_results[1].skipped;
};
const raised = (condition) => {
  try {
    Workflow.sequential({ name: "u", steps: [{ name: "s", condition, execute: () => {} }] });
  } catch (e) {
    return e;
  }
};
const all = async (...conditions) => {
  const found = [];
  for (const condition of conditions) found.push(await holds(condition));
  return found;
};
const unknown = raised({ type: "shared_data_equal", key: "k" });
const wrong = raised({ type: "expression", expression: "input.n >" });
export default {
  constants: await all("always", "never", true, false, { type: "always" }, { type: "never" }),
  tool: await all({ type: "tool", tool: "calculator", input: { input: "1 + {{input:n}}" } }, { tool: "calculator", input: { input: "3 - 3" } }, { tool: "calculator", input: { input: "1 /" } }),
  equals: await all({ type: "step_output_equals", step: "before", expected: "red apple" }, { type: "step_result_equals", step_name: "before", expected: "x" }, "step:before:red apple"),
  contains: await all({ type: "step_output_contains", step: "before", substring: "apple" }, { type: "step_output_contains", step_name: "before", substring: "pear" }),
  shared: await all(
    { type: "shared_data_equals", key: "n", expected: 3 }, { type: "shared_data_equals", key: "count", value: "4" },
    { type: "shared_data_exists", key: "count" }, { type: "shared_data_exists", key: "none" },
    { type: "shared_data_greater_than", key: "count", value: 3 }, { type: "shared_data_less_than", key: "count", value: 3 },
  ),
  logic: await all(
    { type: "and", conditions: ["always", "input.n == 3"] }, { type: "and", conditions: ["always", "never"] },
    { type: "or", conditions: ["never", "always"] }, { type: "not", condition: "never" },
  ),
  agent: await all({ type: "agent_decision", agent: "judge", input: "I say YES" }, { type: "agent_decision", agent: "judge", input: "I say no", expected: "yes" }),
  expression: await all({ type: "expression", expression: "input.n >= 3 and steps.before.success" }, { type: "custom", expression: "$count < 4" }, "'{{input:n}}' == 3"),
  func: await all((input) => input.n === 3, async (_, state) => (await state.get("count")) === 5),
  missing_step: await holds({ type: "step_output_equals", step: "befor", expected: 1 }),
  unknown: [unknown === undefined, unknown.kind, unknown.message, unknown.hints],
  wrong: [wrong === undefined, wrong.kind],
};
