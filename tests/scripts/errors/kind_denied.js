// denied: the policy refuses, and the error says where it is set.
let raised;
try { await Config.set("security.level", "privileged"); } catch (error) { raised = error; }
export default {
  ok: raised === undefined,
  kind: raised.kind,
  message: raised.message,
  op: raised.op,
  hints: raised.hints,
};
