// Calls wait where errors are handled, too.
let ok = true, handled;
try {
  await Tool.invoke("no_such_tool");
} catch (raised) {
  ok = false;
  handled = `${raised.kind} ${(await Tool.calculator({ input: "6 * 7" })).output}`;
}
const value = await Utils.sleep(0.001).then(() => "fine");
export default { ok, handled, fine: true, value };
