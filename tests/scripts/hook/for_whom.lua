-- Hooks are told for whom an operation is done; built-in hooks limit, count and permit by it.
local function session(options)
  local id = Session.create(options)
  Session.set_current(id)
  return id
end
local told
local watch = Hook.register("BeforeToolExecution", function(ctx) told = ctx.metadata end, "highest")
local function seen()
  Tool.calculator { input = "1 + 1" }
  return told
end
local run = seen()
local ann = session { created_by = "ann", metadata = { tenant_id = "blue", other = "x" } }
local of_ann = seen()
Session.update_metadata(ann, { user_id = "anna" })
local renamed = seen().user_id
Session.suspend(ann)
local suspended = seen().user_id
Session.resume(ann)
local about
local start = Hook.register("SessionCheckpoint", function(ctx) about = ctx.metadata.session_id end)
Session.set_current(nil)
Session.suspend(ann)
local whose = about == ann
Session.resume(ann)

local agent = Agent.create { name = "a", model = "mock/tools", tools = { "uuid_generator" } }
agent:execute("use uuid_generator")
local nested = told.recursion_depth
local of_context
local before = Hook.register("BeforeAgentExecution", function(ctx) of_context = ctx.metadata.user_id end)
agent:execute_with_context("hi", Agent.create_context { user_id = "carl" })
watch:unregister()
before:unregister()

local function kind(act, ...)
  local ok, raised = pcall(act, ...)
  return ok and "done" or raised.kind
end
local function calculate() return kind(Tool.calculator, { input = "1 + 1" }) end
local bob = Session.create { created_by = "bob", metadata = { role = "guest" } }
Hook.enable_builtin("RateLimiter", { strategy = "PerUser", capacity = 1, burst_capacity = 0, refill_rate = 0.001 })
local limited = {}
for i, id in ipairs { ann, bob, ann, bob } do
  Session.set_current(id)
  limited[i] = calculate()
end
Hook.disable_builtin("RateLimiter")

Session.update_metadata(ann, { role = "admin" })
local roles = { admin = { "*" }, guest = { "uuid_generator" } }
local function permitted(config)
  Hook.enable_builtin("AuthorizationChecker", config)
  local outcome = {}
  for i, id in ipairs { ann, bob } do
    Session.set_current(id)
    outcome[i] = { calculate(), kind(Tool.uuid_generator, {}) }
  end
  Session.set_current(nil)
  outcome[3] = calculate()
  Hook.disable_builtin("AuthorizationChecker")
  return outcome
end
local by_role = permitted { allowed_roles = roles }
local by_config = permitted { allowed_roles = roles, role = "guest" }

Hook.enable_builtin("CostTracker", { track_by_user = true, model_costs = { ["mock/echo"] = { input = 1000, output = 1000 } } })
local echo = Agent.create { name = "echo", model = "mock/echo" }
for _, id in ipairs { ann, bob, ann } do
  Session.set_current(id)
  echo:execute("hi")
end
local by_user = Hook.metrics().costs.by_user
return {
  run = { run.session_id ~= nil, run.user_id == nil, run.recursion_depth },
  ann = { of_ann.session_id == ann, of_ann.user_id, of_ann.tenant_id, of_ann.other == nil },
  changed = { renamed, suspended == nil }, about = whose, nested = nested, context = of_context,
  limited = limited, by_role = by_role, by_config = by_config,
  trace = { #run.trace_id, #run.parent_span_id, run.trace_id == of_ann.trace_id },
  by_user = { by_user.anna > by_user.bob, by_user.bob > 0 },
}
