// A definition must have a name and a function, and its parameters must make sense.
const failure = (cfg) => Tool.define(cfg).catch((raised) => {
  return { kind: raised.kind, message: raised.message, hints: raised.hints };
});
const execute = () => {};
const parameters = (parameter) => ({ name: "x", description: "x", parameters: [parameter], execute });
export default {
  no_name: await failure({ description: "x", execute }),
  no_function: await failure({ name: "x", description: "x" }),
  not_a_function: (await failure({ name: "x", description: "x", execute: "body" })).kind,
  parameters: await failure(parameters({ type: "string" })),
  type: await failure(parameters({ name: "n", type: "text" })),
};
