// `register` creates an agent by name, or gives an agent a further name; it returns the name.
import { raised } from "./lib/raised.js";
const parrot = await Agent.create({ name: "parrot", model: "mock/echo" });
const names = {
  by_configuration: await Agent.register({ name: "a", model: "mock/echo" }),
  by_name: await Agent.register("b", { model: "mock/echo", description: "The second" }),
  alias: await Agent.register("bird", parrot),
};
const bird = await Agent.get("bird");
export default {
  ...names,
  found: [(await Agent.get("a")).model, (await Agent.get("b")).description, bird.id === parrot.id],
  instances: await Agent.listInstances(),
  nameless: await raised(() => Agent.register({ model: "mock/echo" })),
  number: await raised(() => Agent.register(5)),
};
