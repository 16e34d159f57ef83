// A generator is no data: a tool is not given an empty object in its place, and the error says where it stands.
const scope = { type: "global" };
function* numbers() { yield 1; }
const seen = [];
for (const value of [numbers(), { a: [1, numbers()] }]) {
  const raised = await Agent.setSharedMemory(scope, "f", value).catch((raised) => raised);
  const parts = [/^cannot convert/, /at '.+'/].map((part) => raised.message.match(part)?.[0]);
  seen.push([raised.kind, ...parts.filter(Boolean)]);
}
const raised = await Tool.invoke("json_processor", { operation: "stringify", input: { out: new WeakMap() } })
  .catch((raised) => raised);
for (const iterator of [new Map().keys(), new Set().values(), "x"[Symbol.iterator](), (async function* () {})()]) {
  const refused = await Agent.setSharedMemory(scope, "f", iterator).catch((raised) => raised);
  if (refused.kind !== "invalid_args") throw new Error(String(iterator));
}
export default { alone: seen[0], inside: seen[1].map((part) => part.replace("a[1]", "a[2]")),
  tool: [raised.kind, /at '.*out'/.test(raised.message)] };
