// What is not data yet is refused: a coroutine in Lua, a promise that nobody awaited in JavaScript.
const pending = Promise.resolve(1);
const raised = await Agent.setSharedMemory({ type: "global" }, "later", { value: pending }).catch((raised) => raised);
export default {
  ok: !(raised instanceof SpellError),
  kind: raised.kind,
  op: raised.op,
  named: raised.message.match(/at '(value)'/)?.[1],
};
