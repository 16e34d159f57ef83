// Floats pass through unchanged; what JSON cannot say becomes nothing.
const scope = { type: "global" };
async function pass(value) {
  await Agent.setSharedMemory(scope, "value", value);
  return await Agent.getSharedMemory(scope, "value");
}
export default {
  half: await pass(0.5),
  tenth: await pass(0.1),
  negative: await pass(-2.75),
  small: await pass(0.00015),
  not_a_number: (await pass(NaN)) === null,
  infinity: (await pass(Infinity)) === null && (await pass(-Infinity)) === null,
  inside: JSON.stringify(await pass([1, NaN, 2])),
};
