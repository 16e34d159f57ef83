// The time must be a number from 0 on.
const failure = (...args) => Utils.sleep(...args).catch((raised) => {
  return { kind: raised.kind, message: raised.message, op: raised.op };
});
export default { negative: await failure(-1), text: await failure("soon"), missing: await failure() };
