// Nothing, truth values and texts pass through the runtime unchanged.
const scope = { type: "global" };
async function pass(value) {
  await Agent.setSharedMemory(scope, "value", value);
  return await Agent.getSharedMemory(scope, "value");
}
export default {
  nothing: (await pass(undefined)) === null && (await pass(null)) === null,
  yes: await pass(true),
  no: await pass(false),
  empty: await pass(""),
  text: await pass("naïve 漢字 🎉"),
  control: await pass("tab\tline\nzero\0end"),
};
