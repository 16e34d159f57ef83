// With a schema, the answer is parsed and checked; one of the agent holds for every call.
const person = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer", minimum: 18 } },
  required: ["name", "age"],
};
const agent = await Agent.create({ model: "mock/echo" });
const strict = await Agent.create({ model: "mock/echo", schema: person });
const prompt = 'Here is {"name": "Ada", "age": 36}.';
const answer = await agent.execute({ text: prompt, schema: person });
export default {
  data: answer.data,
  text: answer.text,
  without: (await agent.execute("hi")).data == null,
  of_agent: (await strict.execute(prompt)).data,
  made_up: (await strict.execute("anybody")).data,
};
