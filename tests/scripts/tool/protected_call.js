// A tool's method can be handed around without its tool.
const { execute } = Tool.calculator;
const result = await execute({ input: "1 + 1" });
const raised = await execute({ inptu: "1 + 1" }).catch((raised) => raised);
export default {
  ok: result.success,
  output: result.output,
  bad: !(raised instanceof SpellError),
  kind: raised.kind,
  hints: raised.hints,
};
