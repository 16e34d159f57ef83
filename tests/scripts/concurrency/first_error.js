// The first failure is the failure of all; the others go on, as promises do.
const raised = await Promise.all([
  Utils.sleep(0.02),
  Utils.sleep(0.001).then(() => Tool.invoke("no_such_tool")),
]).catch((raised) => raised);
export default { ok: !(raised instanceof SpellError), kind: raised.kind, message: raised.message };
