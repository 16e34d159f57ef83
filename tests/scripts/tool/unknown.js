// A tool that is not there raises, and the error suggests the nearest names.
const raised = await Tool.invoke("text_manipulater", { operation: "uppercase", input: "x" }).catch((raised) => raised);
export default {
  ok: !(raised instanceof SpellError),
  kind: raised.kind,
  message: raised.message,
  op: raised.op,
  hints: raised.hints,
};
