// An agent becomes a tool that anybody may call, other agents included.
import { raised } from "./lib/raised.js";
await Agent.create({ name: "echo", model: "mock/echo" });
const name = await Agent.wrapAsTool("echo");
const other = await Agent.wrapAsTool("echo", { tool_name: "parrot", description: "Repeats what it hears" });
const outputs = {};
for (const key of ["text", "prompt", "input", "query"]) {
  const result = await Tool.invoke(name, { [key]: "hi", parameters: { n: 1 } });
  outputs[key] = [result.output, result.data === result.output];
}
const boss = await Agent.create({ model: "mock/tools", tools: ["parrot"] });
export default {
  names: [name, other],
  outputs,
  is_listed: (await Tool.discover({ tag: "repeats what" })).length === 1,
  called_by_agent: (await boss.execute('parrot {"text": "hello"}')).text,
  twice: await raised(() => Agent.wrapAsTool("echo")),
  unknown: await raised(() => Agent.wrapAsTool("nobody")),
};
