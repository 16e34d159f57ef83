// not_found: no agent, tool, provider or template of that name. The error names it and what there is.
const failure = (call) => call.then(null, (raised) => {
  return { kind: raised.kind, message: raised.message.match(/^[^;]+/)[0], op: raised.op };
});
export default {
  tool: await failure(Tool.invoke("no_such_tool")),
  agent: await failure(Agent.getDetails("nobody")),
  provider: await failure(Agent.create({ model: "nowhere/model" })),
  template: await failure(Agent.createFromTemplate("ann", "no_such_template")),
};
