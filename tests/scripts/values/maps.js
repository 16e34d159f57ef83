// Objects and Maps are maps; keys that are no text become text.
const scope = { type: "global" };
async function pass(value) {
  await Agent.setSharedMemory(scope, "value", value);
  return await Agent.getSharedMemory(scope, "value");
}
if (!((await pass(new Map([["a", 1]]))).a === 1)) throw new Error("a Map is a map");
export default {
  nested: await pass({ a: { b: { c: "deep" } } }),
  odd_names: await pass({ "": 0, "two words": 1, "ключ": 2 }),
  numbers: await pass(new Map([[7, "seven"], [2.5, "two and a half"]])),
  absent: (await pass({ a: 1 })).b === undefined,
};
