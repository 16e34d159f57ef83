// exists: the name is taken.
const tool = { name: "echo", description: "Says it again", execute: (p) => p };
await Tool.define(tool);
const raised = await Tool.define(tool).catch((raised) => raised);
const builtin = await Tool.define({ ...tool, name: "calculator" }).catch((raised) => raised);
export default {
  ok: !(raised instanceof SpellError),
  kind: raised.kind,
  message: raised.message,
  op: raised.op,
  hints: raised.hints,
  builtin: [builtin.kind, builtin.message],
};
