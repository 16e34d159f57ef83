// The data of a context is told to the model before the prompt.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({ model: "mock/echo" });
const parent = await Agent.createContext({ data: { lang: "en" } });
const child = await Agent.createChildContext(parent, { type: "global" }, "inherit");
await Agent.updateContext(child, "mood", { calm: true });
export default {
  text: (await agent.executeWithContext("hi", child)).text,
  table: (await agent.executeWithContext({ prompt: "hi", count: 2 }, parent)).text,
  unknown: await raised(() => agent.executeWithContext("hi", "nobody")),
};
