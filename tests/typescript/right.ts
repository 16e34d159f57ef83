// What spells may write. Nothing of this is run: the compiler checks it against llmspell.d.ts.

// Agents
const agent: Agent = await Agent.create({
  name: "helper",
  model: "mock/echo",
  system_prompt: "Be brief.",
  temperature: 0.2,
  tools: ["calculator", { name: "note", description: "Notes", execute: async (p: { line: string }) => p.line }],
  resource_limits: { max_turns: 3 },
});
const anonymous = await Agent.create();
await Agent.create({ model: { provider: "mock", model_id: "echo", temperature: 0 } });
const fields: string[] = [agent.id, agent.name, agent.description, agent.model];

const answer = await agent.execute("What is 6*7?");
const text: string = answer.text;
const reason: "stop" | "length" | "tool_limit" | "content_filter" | "stopped" = answer.finish_reason;
const tokens: number | undefined = answer.usage.total_tokens;
const called: [string, any][] = answer.tool_calls.map((call) => [call.name, call.result]);
console.log(`${answer}`, answer.data?.customer, answer.turns, answer.metadata.agent_name);
await agent.execute({ prompt: "Name a colour", temperature: 0.1, weather: "sunny", on_error: (error) => ({ retry: error.kind === "timeout" }) });
await agent.execute("Again", { max_tokens: 5 });
await agent.run("The same by another name");
const short: string = await agent.complete("In a word?");

const streamed = await agent.invokeStream("Tell a story", (chunk) => {
  const piece: string = chunk.text;
  return chunk.index < 10 && piece.length > 0;
});
const received: number | undefined = streamed.chunks_received;
for await (const chunk of agent.stream("Tell a story")) {
  if (chunk.type === "tool_call") console.log(chunk.tool_call);
}
for await (const chunk of await agent.stream("Tell a story")) console.log(chunk.text);
const stream: Stream = await agent.stream({ text: "By hand" });
const first: AgentChunk | null = await stream.next();
const rest: AgentChunk[] = await stream.collect();
await stream.close();

const [a, b] = await Promise.all([agent.execute("a"), Tool.calculator({ input: "1+1" })]);
console.log(a.text, b.output);
const found = await Agent.get("helper");
if (found) await found.destroy();
const names: string[] = (await Agent.list()).map((entry) => entry.name);
const complexity: string = (await Agent.getInfo("llm")).complexity;
const tree = await Agent.getHierarchy("helper");
const leaf: string | undefined = tree.root.children[0]?.children[0]?.name;
await (await Agent.createComposite("pair", [agent, "helper"], { routing_strategy: "parallel" })).execute("Both");
const context: string = await Agent.createContext({ scope: { type: "session", id: "1" } });
await agent.executeWithContext("With context", context);
const messages = await agent.getConversation();
const roles: ("user" | "assistant" | "tool")[] = messages.map((message) => message.role);
const health: "Healthy" | "Degraded" | "Unhealthy" | "Unknown" = (await agent.getHealth()).status;

// Tools
const sum = await Tool.calculator({ operation: "evaluate", input: "6 * 7" });
if (!sum.success) throw new Error(`${sum.error_kind}: ${sum.error}`);
const read: number = sum.output;
const stdout: string = sum.stdout;
await Tool.hash_calculator.execute({ input: "x", algorithm: "sha256" }, { raise: true });
await Tool.invoke("hash_calculator", { input: "abc" });
const same: Tool = Tool.calculator;
await same({ input: "1" });
const maybe = Tool.get("nothing");
const version: string | undefined = maybe?.version;
await maybe?.execute({ x: 1 });
const known: boolean = Tool.exists("calculator");
const required: string[] = Tool.calculator.schema.parameters.filter((p) => p.required).map((p) => p.name);
const double: Tool = await Tool.define({
  name: "double",
  description: "Doubles n",
  parameters: [{ name: "n", type: "number", required: true }],
  execute: (params) => params.n * 2,
});
console.log((await double({ n: 21 })).output, (await Tool.double({ n: 21 })).output);
for (const entry of await Tool.list()) console.log(entry.name, entry.category);
await Tool.discover({ category: "utility" });
await Tool.discover("utility", "text");

// Providers, configuration, the rest
for (const provider of await Provider.list()) console.log(provider.name, provider.capabilities.max_context_tokens);
const same_provider: ProviderInfo | null = await Providers.get("mock");
const latency: number = (await Provider.validate("mock")).latency_ms;
const timeout = Config.get("runtime.timeout_ms", 300_000);
if (Config.has("providers")) await Config.set("runtime.timeout_ms", 1000);
Logger.info("started", { args: Args.length, script: Args.script });
const id: string = Utils.uuid();
const time: number = Utils.timestamp();
const digest: string = Utils.hash("abc", "sha256").slice(0, 8);
await Utils.sleep(0.5);
const parsed = JSON.parse('{"a":[1,2.5]}');
const compact: string = JSON.stringify({ b: 1, a: JSON.array([]), c: JSON.null }, true);
const standard: string = JSON.stringify(parsed, null, 2);
const decoded = JSON.decode(JSON.encode([1]));
for (const [index, argument] of Args.entries()) console.log(index, argument.toUpperCase());

// Streams of the script's own
const squares = Streaming.create(function* () {
  for (let i = 1; i <= 3; i++) yield i * i;
});
const one: number | null = await squares.next();
for await (const square of squares) console.log(square.toFixed(1));
const letters = Streaming.create(async function* () { yield "a"; });
const joined: string = (await letters.collect()).join("");

// Errors
try {
  await Tool.invoke("nothing");
} catch (error) {
  if (!(error instanceof SpellError)) throw error;
  if (error.kind === "not_found") console.error(error.message, error.op, error.hints.join(), error.details.at);
}
throw new SpellError("full", { kind: "limit", hints: ["wait"], details: { limit: 3 } });

// What the language's engine offers
const timer: number = setTimeout((name: string) => console.log(name.length), 10, "x");
clearTimeout(timer);
queueMicrotask(() => console.table([{ a: 1 }]));
const copy: { when: Date } = structuredClone({ when: new Date() });
const bytes: Uint8Array = new TextEncoder().encode("ü");
const back: string = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
const url = new URL("/path?q=1", "https://example.org");
url.searchParams.set("q", "2");
for (const [name, value] of url.searchParams) console.log(name, value, url.href);
console.log(crypto.randomUUID(), crypto.getRandomValues(new Uint8Array(4)), performance.now(), Math.random(), Date.now());
const big: bigint = 2n ** 60n;

export default { text, short, fields, tokens, called, big };
export { anonymous, reason, received, first, rest, names, complexity, leaf, roles, health, read, stdout, version, known, required };
export { same_provider, latency, timeout, id, time, digest, compact, standard, decoded, one, joined, copy, back };
