// Some options have a second name; `custom_config` may hold two of them beside free data.
const agent = await Agent.create({ model: "mock/echo", prompt: "Be brief.", allowed_tools: ["calculator"], timeout: 1500 });
const custom = await Agent.create({
  model: "mock/echo", custom_config: { system_prompt: "Be long.", max_conversation_length: 4, desk: 1 },
});
const first = await agent.getConfig();
const second = await custom.getConfig();
export default {
  first: [first.system_prompt, first.tools, first.timeout_ms],
  second: [second.system_prompt, second.max_conversation_length, second.custom_config],
};
