// Integers keep their 64 bits. JavaScript reads those beyond 2^53 as BigInt.
const scope = { type: "global" };
async function pass(value) {
  await Agent.setSharedMemory(scope, "value", value);
  return await Agent.getSharedMemory(scope, "value");
}
const large = 9007199254740993n;
if (typeof (await pass(large)) !== "bigint") throw new Error("the large integer is no BigInt");
if (typeof (await pass(42n)) !== "number") throw new Error("the small integer is no number");
export default {
  small: await pass(-42),
  safe: await pass(Number.MAX_SAFE_INTEGER),
  large: await pass(large),
  largest: await pass(9223372036854775807n),
  smallest: await pass(-9223372036854775808n),
  equal: (await pass(large)) === large,
};
