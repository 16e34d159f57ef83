// One value may have 64 MiB; more belongs into a file or an artifact.
const text = "x".repeat(65 * 1024 * 1024);
const raised = await Agent.setSharedMemory({ type: "global" }, "text", text).catch((raised) => raised);
export default {
  ok: !(raised instanceof SpellError),
  kind: raised.kind,
  message: raised.message,
  op: raised.op,
  hints: raised.hints,
};
