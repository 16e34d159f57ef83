-- Some options have a second name; `custom_config` may hold two of them beside free data.
local agent = Agent.create { model = "mock/echo", prompt = "Be brief.", allowed_tools = { "calculator" }, timeout = 1500 }
local custom = Agent.create { model = "mock/echo", custom_config = { system_prompt = "Be long.", max_conversation_length = 4, desk = 1 } }
local first, second = agent:get_config(), custom:get_config()
return {
  first = { first.system_prompt, first.tools, first.timeout_ms },
  second = { second.system_prompt, second.max_conversation_length, second.custom_config },
}
