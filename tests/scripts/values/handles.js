// An object such as an agent is a handle: a reference that can be stored, compared, and written as {kind, id}.
const scope = { type: "global" };
const ann = await Agent.create({ name: "ann", model: "mock/echo" });
await Agent.setSharedMemory(scope, "who", { agent: ann });
const back = (await Agent.getSharedMemory(scope, "who")).agent;
const data = JSON.parse(JSON.stringify(ann));
export default {
  name: back.name,
  same_id: back.id === ann.id,
  works: (await back.execute("hello")).text === (await ann.execute("hello")).text,
  kind: data.kind,
  data_id: data.id === ann.id,
  unknown_field: ann.nothing === undefined,
};
