// A value that contains itself is refused, and the error says where.
const person = { name: "Ann" };
person.friend = { friend: person };
try {
  await Agent.setSharedMemory({ type: "global" }, "person", person);
} catch (raised) {
  var caught = { ok: false, kind: raised.kind, message: raised.message, op: raised.op, hints: raised.hints };
}
export default caught;
