// A call that fails raises an error object: what kind, what happened, in which operation, and what would help.
let ok = true, raised;
try { await Tool.invoke("calculatr", { input: "1" }); } catch (error) { ok = false; raised = error; }
export default {
  ok,
  kind: raised.kind,
  message: raised.message,
  op: raised.op,
  hints: raised.hints,
  details: raised.details.tool,
  place: /object\.js:3$/.test(raised.details.at),
};
