-- A hook is told which tools an agent may call, and what was refused by which setting.
local seen = {}
Hook.register("BeforeAgentExecution", function(ctx)
  seen[#seen + 1] = ctx.data.tools
  return { type = "modified", data = ctx.data }
end)
local agent = Agent.create { name = "a", model = "mock/echo", tools = { "calculator", "uuid_generator" } }
agent:execute("hi")
agent:execute { text = "hi", tools = { "calculator" } }
local called = Agent.create { name = "b", model = "mock/tools", tools = { "calculator", "uuid_generator" } }
local names = {}
for i, call in ipairs(called:execute("use calculator and uuid_generator").tool_calls) do names[i] = call.name end
local refused = {}
Hook.register("SecurityViolation", function(ctx) refused[#refused + 1] = { ctx.data.operation, ctx.data.resource, ctx.data.policy } end)
Tool.invoke("file_operations", { operation = "read", path = "/etc/shadow" })
Tool.invoke("environment_reader", { operation = "get", name = "SOME_API_TOKEN" })
pcall(Config.set, "providers.x.api_key", "y")
return { tools = seen, called = names, refused = refused }
