// What the compiler must refuse: an error that is expected and does not come is an error.
const agent = await Agent.create({ name: "helper" });

// @ts-expect-error an unknown option
await Agent.create({ nmae: "helper" });
// @ts-expect-error an option of the wrong type
await Agent.create({ temperature: "hot" });
// @ts-expect-error a wrong option within an option
await Agent.create({ resource_limits: { max_truns: 3 } });
// @ts-expect-error a model without its name
await Agent.create({ model: { provider: "mock" } });
// @ts-expect-error an unknown method
await agent.exectue("x");
// @ts-expect-error an agent is asked by text or by an object
await agent.execute(42);
// @ts-expect-error an answer must be awaited
agent.execute("x").text;
// @ts-expect-error an unknown member of an answer
(await agent.execute("x")).txet;
// @ts-expect-error there may be no agent of that name
(await Agent.get("helper")).name;
// @ts-expect-error fields of handles are fixed
agent.name = "other";
// @ts-expect-error a chunk has no member of that name
await agent.invokeStream("x", (chunk) => chunk.content);
// @ts-expect-error an agent is no stream
for await (const chunk of agent) console.log(chunk);
// @ts-expect-error an unknown type of chunk
for await (const chunk of agent.stream("x")) if (chunk.type === "done") break;
// @ts-expect-error a missing argument
await Agent.createFromTemplate("x");

// @ts-expect-error an unknown parameter
await Tool.calculator({ inptu: "1" });
// @ts-expect-error an unknown choice
await Tool.calculator({ operation: "guess" });
// @ts-expect-error a missing parameter
await Tool.text_manipulator({ input: "x" });
// @ts-expect-error there may be no tool of that name
Tool.get("x").version;
// @ts-expect-error a tool needs a name
await Tool.define({ execute: () => 1 });

// @ts-expect-error a helper gives its result itself
Utils.uuid().then(console.log);
// @ts-expect-error seconds are a number
await Utils.sleep("1");
// @ts-expect-error arguments cannot be changed
Args.push("x");
// @ts-expect-error what a stream gives has the type that its function yields
const text: string | null = await Streaming.create(function* () { yield 1; }).next();
// @ts-expect-error an unknown kind
if (new SpellError("x").kind === "nothing") throw text;

// @ts-expect-error there is no window
window.alert("x");
// @ts-expect-error there is no document
document.title;
// @ts-expect-error there is no Node: of `process` only `exit`
process.env;
// @ts-expect-error functions that wait for nothing give numbers
setTimeout(() => {}, 1).unref();

export {};
