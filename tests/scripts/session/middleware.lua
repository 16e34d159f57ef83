-- Middleware sees what is done to its session and for it, and nothing else.
local runs, seen = 0, {}
Tool.define { name = "t", description = "t", parameters = { { name = "text", type = "string" } }, execute = function(p) runs = runs + 1 return p.text end }
local function see(ctx) seen[#seen + 1] = ctx.point .. " " .. (ctx.tool_name or ctx.data.operation) .. " " .. type(ctx.data.session_id) end
local id = Session.create { config = { middleware = {
  metrics = true, security = { check_xss = false }, caching = { min_execution_time_ms = 0, ttl_by_component = { t = 300 } }, logging = false,
  custom_hooks = {
    { operation = "create", handler = see }, { operation = "read", handler = see }, { operation = "update", handler = see }, { operation = "delete", handler = see },
    { operation = "operation", handler = see, priority = -5 },
    { operation = "operation", handler = function(ctx) if ctx.parameters.text == "stop" then return "no" end end },
  },
} } }
local function call(text)
  local ok, r = pcall(Tool.invoke, "t", { text = text })
  return ok and r.output or r.kind
end
call("a")
call("a")
local outside = { runs, #seen }
Session.set_current(id)
local inside = { call("a"), call("a"), runs, call("stop"), call("x' OR 1=1; DROP TABLE users; --"), call("<script>alert(1)</script>") }
local numbers = Hook.metrics().sessions[id].points.BeforeToolExecution
Session.save(id)
Session.suspend(id)
Session.resume(id)
Session.set_current(Session.create {})
call("b")
local attached = #Hook.list { tag = id } > 0
Session.complete(id)
local function refused(middleware)
  local ok, e = pcall(Session.create, { config = { middleware = middleware } })
  return { ok, e.kind, e.message, e.hints[1] }
end
return {
  outside = outside, inside = inside, seen = seen, counted = numbers, attached = attached, left = #Hook.list { tag = id },
  kept = JSON.stringify(Session.get(id).config.middleware.security),
  refused = {
    refused { loging = true }, refused { caching = 5 }, refused { pattern = "most" },
    refused { custom_hooks = { { operation = "creat", handler = see } } }[2],
    refused { metrics = { metricz = {} } }[2],
  },
  made = #Hook.list(),
}
