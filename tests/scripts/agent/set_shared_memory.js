// One memory of the run, by scope; contexts of a scope read it behind their own data.
import { raised } from "./lib/raised.js";
const user = { type: "user", id: "ada" };
const everybody = { type: "global" };
const context = await Agent.createContext({ scope: user, data: { own: 1 } });
await Agent.setSharedMemory(user, "team", "red");
await Agent.setSharedMemory(user, "own", 2);
await Agent.setSharedMemory(everybody, "team", "blue");
export default {
  read: await Agent.getSharedMemory(user, "team"),
  global: await Agent.getSharedMemory(everybody, "team"),
  other_id: (await Agent.getSharedMemory({ type: "user", id: "bob" }, "team")) === null,
  by_context: [await Agent.getContextData(context, "team"), await Agent.getContextData(context, "own")],
  no_id: await raised(() => Agent.getSharedMemory({ type: "user" }, "team")),
  unknown_type: await raised(() => Agent.setSharedMemory({ type: "moon", id: "x" }, "team", 1)),
  no_type: await raised(() => Agent.getSharedMemory({}, "team")),
};
