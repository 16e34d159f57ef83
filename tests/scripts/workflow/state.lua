-- What executions of a workflow share is the scope `workflow:ID` of State: whoever writes it, all see it, and so do hooks and events.
local function is(condition) return { name = "is", condition = condition, execute = function() return "yes" end } end
local function holds(wf) return wf:execute({ given = "input" }).output == "yes" end
local wf = Workflow.sequential { name = "w", steps = {
  { name = "count", execute = function(_, state)
    state:set("n", (state:get("n") or 0) + 1)
    return state:get("n")
  end },
  { name = "tokens", input = { own = "{{state:both}}", all = "{{state:shared}}", user = "{{state:user:1::name}}", id = "{{state:list.rows[1].id}}", none = "{{state:none | default:-}}" },
    execute = function(ctx) return ctx.params end },
} }
local scope = State.scope.Workflow(wf.id)
State.save("shared", "of all")
State.save("both", "of all")
State.save("user:1", "name", "Ada")
State.save(scope, "both", "own")
State.save({ type = "workflow", id = wf.id }, "list", { rows = { { id = 1 }, { id = 2 } } })

local writes, told, changes = {}, {}, {}
Hook.register("BeforeStateWrite", function(ctx)
  if ctx.data.scope ~= scope then return end
  writes[#writes + 1] = { ctx.data.key, ctx.data.value, ctx.data.old_value or "none" }
  if ctx.data.key == "locked" then return { type = "cancel", reason = "it is locked" } end
  if ctx.data.key == "doubled" then return { type = "modified", data = { value = ctx.data.value * 2 } } end
end)
Hook.register("custom:workflow_shared_data", function(ctx)
  if ctx.workflow_id == wf.id then told[#told + 1] = { ctx.workflow_name, ctx.data.key, ctx.data.value } end
end)
local marks = Hook.register("BeforeWorkflowStage", function(ctx)
  if ctx.stage_name == "count" then return { continue_execution = true, state_updates = { mark = ctx.stage_name } } end
end)
local sub = Event.subscribe("state.changed")
local first = wf:execute()
marks:unregister()
local second = wf:execute()
local set = wf:set_state("doubled", 4)
wf:set_state("api_token", "t0p")
local ok, veto = pcall(function() return wf:set_state("locked", 1) end)
local ok2, refused = pcall(function() return wf:set_state("a..b", 1) end)
local locked = Workflow.sequential { name = "locked", steps = { { name = "s", execute = function(_, state) state:set("locked", 1) end } } }
local other = State.scope.Workflow(locked.id)
Hook.register("BeforeStateWrite", function(ctx)
  if ctx.data.scope == other then return { type = "cancel", reason = "it is locked as well" } end
end)
local failed = locked:execute()
while true do
  local event = Event.receive(sub, 0)
  if not event then break end
  local d = event.data
  if d.scope == scope then changes[#changes + 1] = { d.key, d.old_value or "none", d.new_value } end
end

-- Conditions look at the loop, at the input, at the workflow's own data, at the global one.
local function asks(condition)
  local asking = Workflow.sequential { name = "asking", steps = { is(condition) } }
  State.save(State.scope.Workflow(asking.id), "both", "own")
  State.save(State.scope.Workflow(asking.id), "given", "state")
  return holds(asking)
end
local counted = Workflow.loop {
  name = "counted", iterator = { while_condition = { type = "shared_data_less_than", key = "turns", value = 3 } },
  body = { { name = "turn", execute = function(_, state) state:set("turns", state:get("turns") + 1) end } },
}
counted:set_state("turns", 0)
return {
  outputs = { first.data.outputs.count, second.data.outputs.count, first.data.outputs.tokens },
  set = set, values = { State.load(scope, "n"), wf:get_state("both"), wf:get_state("doubled"), State.load(scope, "doubled"), State.load("n") == nil },
  secret = wf:get_state("api_token"),
  keys = { State.list(scope), wf:debug().runtime.state_keys },
  veto = { ok, veto.kind, veto.message }, refused = { ok2, refused.kind }, failed = { failed.success, failed.error.kind, failed.error.message },
  writes = writes, told = told, changes = changes,
  asks = {
    asks({ type = "shared_data_equals", key = "given", expected = "input" }), asks({ type = "shared_data_equals", key = "both", expected = "own" }),
    asks({ type = "shared_data_equals", key = "shared", expected = "of all" }), asks({ type = "shared_data_exists", key = "shared" }),
    asks({ type = "shared_data_exists", key = "none" }), asks("state.given == 'state' and shared_data.given == 'input' and data.both == 'own'"),
    asks("$shared == 'of all' and state.shared == 'of all' and $none == null"),
    asks(function(_, state) return state:get("given") == "state" end),
  },
  turns = counted:execute().data.total_iterations,
}
