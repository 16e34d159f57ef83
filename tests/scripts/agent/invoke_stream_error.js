// An error of the function stops the stream and arrives where the stream was asked for; so does one of the provider.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({ model: "mock/echo" });
let count = 0;
const fail = () => {
  count += 1;
  throw Object.assign(new Error("enough"), { kind: "conflict", hints: ["my own hint"] });
};
const [success, err] = await agent.invokeStream("one two three", fail).then(() => [true], (err) => [false, err]);
const failing = await Agent.create({
  model: "mock/script", settings: { responses: [{ error: { kind: "auth", message: "the API key is refused" } }] },
});
export default {
  own: [success, err.kind, err.message, err.hints, count],
  said: (await agent.getConversation()).length,
  of_provider: await raised(() => failing.invokeStream("go", () => {})),
  no_function: await raised(() => agent.invokeStream("go", 5)),
};
