-- What a hook returns that is no answer is a failure of the hook, not a reason to cancel; the call goes on.
local agent = Agent.create { name = "ann", model = "mock/echo" }
local function try(value, fail_closed)
  local h = Hook.register("BeforeToolExecution", function() return value end, { fail_closed = fail_closed })
  local ok, answer = pcall(Tool.invoke, "calculator", { input = "6 * 7" })
  local info = Hook.list("BeforeToolExecution")[1]
  h:unregister()
  return { ok = ok, output = ok and answer.output, failures = info.failures, kind = not ok and answer.kind,
    named = not ok and answer.message:match("returned (.+)$") or nil }
end
return {
  callback = try(print),
  in_data = try { type = "replace", data = { f = print } },
  pending = try(coroutine.create(print)),
  object = try(io.stdout),
  handle = try(agent),
  table_without_type = try { f = print },
  list = try { 1, 2 },
  closed = try(print, true),
  closed_handle = try(agent, true),
}
