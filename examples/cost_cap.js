// Stops asking models once a certain amount of money was spent.
//
//   llmspell run examples/cost_cap.js
//
// Prices that are written here count more than known ones; the mock model costs nothing otherwise.

const agent = await Agent.create({ name: "writer", model: "mock/echo" });

await Hook.enableBuiltin("CostTracker", {
  alert_threshold: { warning: 0.002, critical: 0.005 }, // US dollars per hour
  model_costs: { "mock/echo": { input: 100, output: 100 } }, // US dollars per million tokens
});
await Event.on("cost.*", (/** @type {any} */ event) => {
  console.log(`${event.type}: $${event.data.total.toFixed(4)} of $${event.data.threshold.toFixed(4)}`);
});

for (let n = 1; n <= 10; n += 1) {
  try {
    const answer = await agent.execute(`Tell me the story number ${n} of the sea, the wind and the ship.`);
    /** @type {any} */
    const metadata = answer.metadata;
    console.log(n, `$${metadata.cost_total.toFixed(4)}`);
  } catch (error) {
    console.log(`stopped at ${n}: ${/** @type {Error} */ (error).message}`);
    break;
  }
}

export {};
