// What is handed out may be any value; the calls of the function wait as they do elsewhere.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({ model: "mock/echo" });
const stream = Streaming.create(async function* () {
  yield { name: "Ada", tags: ["a", "b"] };
  yield (await agent.execute("from the model")).text;
  yield (await Tool.calculator({ input: "6 * 7" })).output;
});
export default { values: await stream.collect(), outside: (await raised(() => Streaming.yield(1))).kind };
