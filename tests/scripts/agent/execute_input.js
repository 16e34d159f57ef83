// The prompt has four names; `parameters` and all other keys are told to the model below it.
const agent = await Agent.create({ model: "mock/echo" });
const ask = async (input) => (await agent.execute(input)).text;
export default {
  text: await ask({ text: "hi" }),
  prompt: await ask({ prompt: "hi" }),
  input: await ask({ input: "hi" }),
  message: await ask({ message: "hi" }),
  first_wins: await ask({ text: "from text", prompt: "from prompt" }),
  parameters: await ask({ text: "Order this", parameters: { count: 2 } }),
  others: await ask({ text: "Greet", who: { name: "Ada" } }),
};
