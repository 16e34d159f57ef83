// `invoke` and `run` are other names of `execute`; `complete` returns the text alone.
const agent = await Agent.create({ model: "mock/echo" });
export default {
  invoke: (await agent.invoke("a")).text,
  run: (await agent.run("b")).text,
  dot: (await agent.execute("c")).text,
  complete: await agent.complete("d"),
  complete_table: await agent.complete({ prompt: "e" }),
};
