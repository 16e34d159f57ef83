// What a script raises itself arrives unchanged where it is caught: texts, objects, nothing.
const own = { code: 5 };
function caught(value) {
  try { throw value; } catch (raised) { return raised; }
}
export default {
  same: caught(own) === own,
  code: caught(own).code,
  text: caught("plain"),
  nothing: caught(undefined) === undefined,
};
