// A missing key is no error before the provider is first used; the error names the variable.
import { raised } from "./lib/raised.js";
const agent = await Agent.create({ model: "anthropic/claude-x" });
export default {
  has_key: (await Provider.get("anthropic")).has_key,
  execute: await raised(() => agent.execute("hi")),
};
