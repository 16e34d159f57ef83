// What is small for the script can stand for an endless value; it is refused before it fills the memory.
let value = "x".repeat(1024 * 1024);
for (let level = 0; level < 60; level++) value = [value, value];
const raised = await Agent.setSharedMemory({ type: "global" }, "value", value).catch((raised) => raised);
export default { ok: !(raised instanceof SpellError), kind: raised.kind, op: raised.op };
