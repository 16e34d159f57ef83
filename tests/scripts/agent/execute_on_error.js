// `on_error` repeats a call, answers in its place, or lets the error through.
import { raised } from "./lib/raised.js";
const down = { error: { kind: "auth", message: "the API key is refused" } };
const failing = (...responses) => Agent.create({ model: "mock/script", settings: { responses } });
const ask = async (agent, on_error) => (await agent.execute({ text: "go", on_error })).text;
const seen = [];
const again = (err) => {
  seen.push(`${err.kind}: ${err.message}`);
  return { retry: true, delay_ms: 0 };
};
const instead = async () => ({ text: "my own answer" });
const nothing = () => {};
const hopeless = await failing(down, down, down, down);
const unhelped = await failing(down);
export default {
  again: await ask(await failing(down, down, "up"), again),
  three_times: (await raised(() => ask(hopeless, again))).kind,
  seen,
  instead: await ask(await failing(down), instead),
  nothing: await raised(() => ask(unhelped, nothing)),
};
