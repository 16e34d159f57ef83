// What is wrong with an input is named.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({ model: "mock/echo" });
const ask = (input) => raised(() => agent.execute(input));
export default {
  empty: await ask(""),
  blank: await ask({ text: " " }),
  number: await ask(5),
  text: await ask({ text: [1] }),
  temperature: await ask({ text: "hi", temperature: 3 }),
  modality: await ask({ text: "hi", output_modalities: ["smell"] }),
  on_error: await ask({ text: "hi", on_error: 5 }),
  tool: await ask({ text: "hi", tools: ["calculater"] }),
  model: await ask({ text: "hi", model: "nobody/x" }),
  schema: await ask({ text: "hi", schema: { type: "nonsense" } }),
};
