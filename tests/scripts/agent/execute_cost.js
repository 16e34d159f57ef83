// Money is reserved before it is spent: what might exceed the limit is not even sent.
import { raised } from "./lib/raised.js";
async function kind(model, most) {
  const agent = await Agent.create({ name: "spender", model, resource_limits: { max_cost_usd: most } });
  return (await raised(() => agent.execute("go"))).kind;
}
export default {
  too_dear: await kind("dear/priced", 10),
  affordable: await kind("dear/priced", 50),
  unknown_price: await kind("dear/unpriced", 50),
};
