// Terminating an agent cancels what it is doing.
let began = false;
const nap = { name: "nap", description: "Sleeps", execute: async () => { began = true; await Utils.sleep(3600); } };
const agent = await Agent.create({
  name: "ann", model: "mock/any", tools: [nap],
  settings: { responses: [{ tool_calls: [{ name: "nap" }] }, "rested"] },
});
async function terminate() {
  while (!began) await Utils.sleep(0.001);
  await agent.terminate();
}
const [result] = await Promise.allSettled([agent.execute("Have a rest"), terminate()]);
const raised = result.reason;
export default {
  ok: result.status === "fulfilled", kind: raised.kind, message: raised.message, state: await agent.getState(),
};
