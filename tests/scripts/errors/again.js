// An error that is caught and raised again keeps what it was.
function attempt(call) {
  try { return call(); } catch (raised) { return raised; }
}
const first = attempt(() => JSON.parse("{"));
const second = attempt(() => {
  try { JSON.parse("{"); } catch (raised) { throw raised; }
});
export default {
  kind: second.kind,
  op: second.op,
  same_message: first.message === second.message,
  line: second.details.line,
};
