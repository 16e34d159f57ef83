// What a check says of values, operations and what they need is what the call says.
async function same(name, params) {
  const checked = await Tool.validate(name, params);
  let said;
  try {
    said = (await Tool.invoke(name, params)).error ?? undefined;
  } catch (raised) {
    said = raised.message;
  }
  const told = checked.errors[0]?.message;
  return { valid: checked.valid, same: said === told || (told !== undefined && said !== undefined && said.startsWith(told)) };
}
export default {
  operation: await same("hash_calculator", { operation: "hsah", input: "abc" }),
  choice: await same("hash_calculator", { input: "abc", format: "hxe" }),
  range: await same("uuid_generator", { count: 0 }),
  needed: await same("hash_calculator", { operation: "verify", input: "abc" }),
  needed_by_synonym: await same("file_operations", { operation: "cat" }),
  needed_second: await same("file_operations", { operation: "write", path: "x.txt" }),
  needed_number: await same("calculator", { operation: "add", a: 1 }),
  time: await same("calculator", { input: "1", timeout_ms: 0 }),
  times: await same("calculator", { input: "1", timeout: 5, timeout_ms: 5001 }),
  spelling: await same("uuid_generator", { version: "V4", format: "Simple" }),
  wrapped: await same("calculator", { parameters: { input: "1" } }),
  common: await same("calculator", { input: "1", timeout_ms: 5000 }),
};
