// A second table is merged over the input.
const agent = await Agent.create({ model: "mock/echo" });
export default {
  over_text: (await agent.execute("hi", { mood: "cheerful" })).text,
  over_table: (await agent.execute({ text: "from input", mood: "sad" }, { text: "from options" })).text,
  model: (await agent.execute("hi", { model: "mock/parrot" })).model,
};
