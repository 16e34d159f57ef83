// An array is a list; null keeps its slot.
const scope = { type: "global" };
async function pass(value) {
  await Agent.setSharedMemory(scope, "value", value);
  return await Agent.getSharedMemory(scope, "value");
}
const nested = await pass([1, ["two", [true]], 3]);
export default {
  nested,
  length: nested.length,
  second: nested[1][0],
  with_nulls: JSON.stringify(await pass([null, 1, undefined])),
  of_maps: await pass([{ id: 1 }, { id: 2 }]),
};
