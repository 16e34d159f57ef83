// A page is kept in state from check to check, under URL and selector or a name, until it is forgotten.
const [page, other] = [Args[0] + "/web/page", Args[0] + "/html"];
const check = async (input, store, selector) => {
  const r = await Tool.webpage_monitor({ input, store, selector });
  return [r.first_check, r.has_changes, r.previous_content].filter((value) => value != null);
};
const result = {
  first: await check(page, true),
  same: await check(page, true),
  part: await check(page, true, "h1"),
  named: await check(page, "tea", "h1"),
  changed: await check(other, "tea", "h1"),
  unkept: await check(page, false, "h1"),
};
const forgotten = async (params) => {
  const r = await Tool.webpage_monitor({ ...params, operation: "forget" });
  return r.success && r.output;
};
result.forgotten = [await forgotten({ input: page }), await forgotten({ input: page }), await forgotten({ store: "tea" })];
result.again = await check(page, true);
result.key = (await Tool.webpage_monitor({ input: page, store: "a//b" })).error_kind;
result.nameless = await Tool.webpage_monitor({ operation: "reset" }).then(
  () => [true],
  (raised) => [false, raised.kind, raised.message],
);
export default result;
