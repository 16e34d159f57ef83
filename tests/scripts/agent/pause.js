// Pausing lets a running turn finish and holds the next one until the agent goes on.
const order = [];
const pausing = {
  name: "pause_me",
  async execute() {
    order.push("paused in the first turn");
    await (await Agent.get("worker")).pause();
  },
};
const agent = await Agent.create({
  name: "worker", model: "mock/script", tools: [pausing],
  settings: { responses: [{ tool_calls: [{ name: "pause_me" }] }, "done"] },
});
async function resume() {
  while ((await agent.getState()) !== "Paused") await Utils.sleep(0.001);
  await Utils.sleep(0.02);
  order.push("resumed");
  await agent.resume();
}
async function execute() {
  order.push((await agent.execute("go")).text);
}
await Promise.all([execute(), resume()]);
export default { order, state: await agent.getState() };
