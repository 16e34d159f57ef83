// What a function throws while an op calls it reaches whoever called the op, with its kind if it has one.
const agent = await Agent.create({
  name: "ann", model: "mock/any", settings: { responses: ["a", "b", "c"] },
});
const failure = (value) => agent.invokeStream("hello", () => { throw value; }).then(
  () => ({ ok: true }),
  (raised) => ({ ok: false, kind: raised.kind, message: raised.message }),
);
export default {
  text: await failure(new Error("enough")),
  kind: await failure({ kind: "conflict", message: "someone was faster" }),
  object: await failure({ message: "no kind" }),
};
