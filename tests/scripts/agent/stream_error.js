// The error of a stream is raised where it is read, and ends it.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({
  model: "mock/script", settings: { responses: [{ error: { kind: "auth", message: "the API key is refused" } }] },
});
const stream = await agent.stream("hi");
export default {
  first: (await raised(() => stream.next())).kind,
  second: (await stream.next()) == null,
  is_done: await stream.isDone(),
};
