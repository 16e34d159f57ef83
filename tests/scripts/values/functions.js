// A function is no data: where none is asked for it is refused, and the error says where it stands.
const scope = { type: "global" };
const print = () => {};
const seen = [];
for (const value of [print, { a: [1, print] }, { call: print }]) {
  const raised = await Agent.setSharedMemory(scope, "f", value).catch((raised) => raised);
  seen.push({ kind: raised.kind, op: raised.op, message: raised.message });
}
function caught(call) {
  try {
    return call();
  } catch (raised) {
    return [raised.kind, raised.message];
  }
}
export default { seen, typed: caught(() => Utils.hash(print)), text: caught(() => JSON.stringify(print)) };
