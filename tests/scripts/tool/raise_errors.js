// The setting `tools.raise_errors` makes that the rule.
const raised = await Tool.calculator({ input: "1 / 0" }).catch((raised) => raised);
const soft = await Tool.invoke("calculator", { input: "1 / 0" }, { raise: false });
export default { ok: !(raised instanceof SpellError), kind: raised.kind, soft: soft.success };
