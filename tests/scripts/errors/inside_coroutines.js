// Errors pass through a script's own generators.
async function* produce() {
  yield "first";
  await Tool.invoke("nothing_of_that_name");
}
const routine = produce();
const first = (await routine.next()).value;
const raised = await routine.next().catch((error) => error);
export default { first, ok: !(raised instanceof SpellError), kind: raised.kind, message: raised.message };
