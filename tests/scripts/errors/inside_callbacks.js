// A function that an op calls may call ops; what they raise reaches the caller as it was.
const failing = () => JSON.parse("not JSON");
let raised;
await Tool.define({ name: "reader", description: "Reads", execute: () => {
  try { failing(); } catch (caught) { raised = caught; }
  return "went on";
} });
const answer = await Tool.reader({});
export default { answer: answer.output, kind: raised.kind, op: raised.op };
