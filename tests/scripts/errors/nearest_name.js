// Errors suggest the nearest name: of a tool, a parameter, an algorithm, an operation.
async function hint(call) {
  try { await call(); } catch (raised) { return raised.hints[0]; }
}
export default {
  tool: await hint(() => Tool.invoke("hash_calculater")),
  parameter: await hint(() => Tool.invoke("calculator", { inptu: "1" })),
  algorithm: await hint(() => Utils.hash("x", "sha265")),
  operation: (await Tool.calculator({ operation: "evalute", input: "1" })).error,
};
