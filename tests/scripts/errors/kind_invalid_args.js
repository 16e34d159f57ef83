// invalid_args: an argument is missing, has the wrong type or is out of range. The error names it.
async function failure(call) {
  try {
    await call();
  } catch (raised) {
    return { kind: raised.kind, message: raised.message, op: raised.op, hints: raised.hints };
  }
}
export default {
  missing: await failure(() => Config.get()),
  wrong_type: await failure(() => Utils.sleep("long")),
  out_of_range: await failure(() => Agent.create({ model: "mock/echo", temperature: 5 })),
  too_many: await failure(() => Utils.hash("data", "md5", "more")),
  unknown_choice: await failure(() => Utils.hash("data", "crc")),
};
