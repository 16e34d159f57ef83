// The offline models: `echo` repeats, `tools` calls the tools that the prompt names, all others say "mock: ".
const ask = async (cfg, prompt) => (await (await Agent.create(cfg)).execute(prompt)).text;
const script = await Agent.create({ model: "mock/any", settings: { responses: ["first", { text: "second" }] } });
export default {
  echo: await ask({ model: "mock/echo" }, "hi"),
  any: await ask({ model: "mock/gpt" }, "hi"),
  tools: await ask({ model: "mock/tools", tools: ["calculator"] }, 'Use calculator {"input": "6 * 7"}'),
  script: [await script.complete("hi"), await script.complete("hi"), await script.complete("hi")],
};
