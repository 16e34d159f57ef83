// The built-in hooks of state.
async function raised(act) {
  try { await act(); } catch (e) { return e; }
}
await Hook.enableBuiltin("StateValidation", { max_value_bytes: 20 });
await Hook.enableBuiltin("StateAudit");
const small = await raised(() => State.save("k", "small"));
const large = await raised(() => State.save("k", "x".repeat(100)));
const wrong = await raised(() => Hook.enableBuiltin("StateValidation", { max_value_bytes: 0 }));
export default { small: !small, large: !large, kind: large.kind, message: large.message, kept: await State.load("k"), wrong: wrong.kind };
