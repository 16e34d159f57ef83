-- Policies of a session: what they refuse and with what, when they warn, what several of them decide together.
local function session(policies)
  local id = Session.create { config = { policies = policies } }
  Session.set_current(id)
  return id
end
local function calculate()
  local r = Tool.calculator { input = "1 + 1" }
  return r.success and "made" or r.error_kind
end
local function refused(policies)
  local ok, e = pcall(Session.create, { config = { policies = policies } })
  return { ok, e.kind, e.message }
end
local lives, idles = session { timeout = { max_session_duration = 1 } }, session { timeout = { idle_timeout = 1 } }
local warnings = Event.subscribe("session.policy.warning")

local counted = session { resource = { max_operations = 2 } }
local operations = { calculate(), calculate(), calculate(), Session.get(counted).status }
local full = Tool.calculator({ input = "1" }).error
local function said(id)
  local found = {}
  for _, event in ipairs(Event.receive_batch(warnings, { timeout_ms = 0 })) do
    local d = event.data
    if d.session_id == id then found[#found + 1] = { d.policy, d.resource, d.remaining } end
  end
  return found
end
local warned = said(counted)
local ending = session { timeout = { max_session_duration = 100 } }
calculate()
local near = said(ending)

session { rate_limit = { session = 2, burst = 1 } }
local rates = { calculate(), calculate(), calculate() }
session { rate_limit = { per_operation = { state_update = 1 }, burst = 1 } }
State.save("a", 1)
local ok, early = pcall(State.save, "a", 2)
session { rate_limit = { session = 50, burst = 0.02, window = 1, action = "retry" } }
local waited = { calculate(), calculate(), calculate() }

local function together(composition)
  session { resource = { max_operations = 0 }, rate_limit = true, composition = composition }
  return calculate()
end
local all = { together(nil), together("parallel"), together("voting"), together({ type = "voting", threshold = 0.9 }) }

Session.set_current(nil)
Utils.sleep(1.1)
Session.set_current(lives)
local old = Tool.calculator { input = "1" }
Session.set_current(idles)
local idle = Tool.calculator { input = "1" }
Session.set_current(nil)
return {
  operations = operations, full = full, warned = warned, near = { #near, near[1][1], near[1][2], near[1][3] <= 100 and near[1][3] > 90 },
  rates = rates, early = { ok, early.kind, early.message, early.details.retry_after_ms > 0 }, waited = waited, all = all,
  old = { old.error_kind, old.error }, idle = { idle.error_kind, idle.error }, status = { Session.get(lives).status, Session.get(idles).status },
  config = Session.get(counted).config.policies.resource.max_tokens,
  refused = { refused { timeuot = true }, refused { timeout = 5 }, refused({ resource = { tokens = 1 } })[2], refused({ composition = "most" })[2] },
}
