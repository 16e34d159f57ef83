// An agent is found by its name, or by an item of the list; an unknown name gives nothing.
await Agent.create({ name: "helper", model: "mock/echo" });
const found = await Agent.get("helper");
const [item] = await Agent.list();
export default {
  name: found.name,
  answers: (await found.execute("hi")).text,
  by_item: (await Agent.get(item)).id === found.id,
  unknown: (await Agent.get("nobody")) === null,
};
