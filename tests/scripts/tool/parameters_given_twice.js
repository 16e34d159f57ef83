// A synonym beside the canonical name must say the same.
const same = await Tool.calculator({ input: "1 + 1", expression: "1 + 1" });
const raised = await Tool.calculator({ input: "1 + 1", expression: "2 + 2" }).catch((raised) => raised);
export default {
  same: same.output, ok: !(raised instanceof SpellError), kind: raised.kind, message: raised.message,
};
