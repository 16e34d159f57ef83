// Calls a function and returns the error that it raises, as plain data.
export async function raised(f) {
  try {
    await f();
  } catch (err) {
    return { kind: err.kind, message: err.message, op: err.op, hints: err.hints };
  }
  return "nothing was raised";
}
