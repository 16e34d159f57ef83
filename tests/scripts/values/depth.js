// Values may be nested 128 deep; a deeper one is refused, and the error says where.
const scope = { type: "global" };
function nested(depth) {
  let value = {};
  for (let level = 2; level <= depth; level++) value = { n: value };
  return value;
}
await Agent.setSharedMemory(scope, "deep", nested(128));
const raised = await Agent.setSharedMemory(scope, "deep", nested(200)).catch((raised) => raised);
export default {
  deepest: true,
  ok: !(raised instanceof SpellError),
  kind: raised.kind,
  op: raised.op,
  message: raised.message.match(/^(.*?) at '/)[1],
  named: /at 'n\.n\.n/.test(raised.message),
};
