// The first failure is the failure of all. In JavaScript the others go on until the run ends.
const raised = await Promise.all([
  Utils.sleep(3600),
  Utils.sleep(0.001).then(() => Tool.invoke("no_such_tool")),
]).catch((raised) => raised);
export default { ok: !(raised instanceof SpellError), kind: raised.kind, message: raised.message };
