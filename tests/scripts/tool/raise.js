// With `raise`, failures of the tool raise as well.
const raised = await Tool.invoke("calculator", { input: "1 / 0" }, { raise: true }).catch((raised) => raised);
const good = await Tool.invoke("calculator", { input: "1 / 2" }, { raise: true });
export default {
  ok: !(raised instanceof SpellError),
  kind: raised.kind,
  op: raised.op,
  message: raised.message,
  good: good.output,
};
