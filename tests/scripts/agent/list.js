// Agents are listed in the order in which they were created; an item acts as its name.
await Agent.create({ name: "second to none", model: "mock/echo", description: "Came first" });
const busy = await Agent.create({ name: "busy", model: "mock/tools" });
await busy.initialize();
await busy.start();
const list = await Agent.list();
export default {
  list,
  as_text: `Hello ${list[1]}`,
  instances: await Agent.listInstances(),
};
