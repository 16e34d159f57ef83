-- Hooks are told marks in place of secrets; what they leave as it was told is the secret again.
local token = "tok-4711-abcdef"
local seen = {}
local function call() return Tool.invoke("json_processor", { operation = "query", input = { token = token, n = 1 }, query = "[.token, .n]" }).output end

local before = Hook.register("BeforeToolExecution", function(ctx)
  seen.before = ctx.parameters.input.token
  seen.data = ctx.data.parameters.input.token
  seen.operation = ctx.operation.parameters.input.token
  local parameters = ctx.parameters
  parameters.input.n = 2
  return { type = "modified", data = { parameters = parameters } }
end)
local after = Hook.register("AfterToolExecution", function(ctx)
  seen.after = ctx.data.output[1]
  return { type = "modified", data = { output = { ctx.data.output[1], ctx.data.output[2], "more" } } }
end)
local changed = call()
before:unregister()
after:unregister()

-- A cache that is keyed with what the hook was told does not mix up two secrets.
local h = Hook.register("BeforeToolExecution", function(ctx)
  return { type = "cache", key = "k " .. ctx.parameters.input.token }
end)
local first = call()[1]
token = "tok-0815-ghijkl"
local second = call()[1]
h:unregister()
return { seen = seen, changed = changed, first = first, second = second }
