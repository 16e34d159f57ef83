// Makes the second answer to the same question free.
//
//   llmspell run examples/cache.js

const agent = await Agent.create({ name: "oracle", model: "mock/echo" });

await Hook.enableBuiltin("CachingOptimizer", { cache_agents: true, min_execution_time_ms: 0, default_ttl: 3600 });

for (let turn = 0; turn < 2; turn += 1) {
  const answer = await agent.execute("What is the capital of France?");
  const { text, usage } = answer;
  /** @type {any} */
  const metadata = answer.metadata;
  console.log(text, "tokens:", usage.total_tokens ?? 0, "from the cache:", metadata.cache_hit === true);
}

export {};
