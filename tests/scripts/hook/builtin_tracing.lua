-- TracingIntegrator: hooks find the ids of trace and span; a collector must be named somewhere.
Tool.define { name = "t", description = "t", execute = function() return "done" end }
local seen = {}
Hook.register("BeforeToolExecution", function(ctx) seen[#seen + 1] = ctx.metadata end, "lowest")
Hook.enable_builtin("TracingIntegrator")
local unnamed = Tool.invoke("t", {}).output
local failures = Hook.list({ hook_point = "BeforeToolExecution", tag = "builtin" })[1].failures
Hook.enable_builtin("TracingIntegrator", { endpoint = "http://127.0.0.1:9", span_attributes = { team = "blue" } })
Tool.invoke("t", {})
Tool.invoke("t", {})
Hook.enable_builtin("TracingIntegrator", { endpoint = "http://127.0.0.1:9", propagate_context = false })
Tool.invoke("t", {})
Hook.disable_builtin("TracingIntegrator")
local a, b = seen[2], seen[3]
local function kind(config)
  local _, e = pcall(Hook.enable_builtin, "TracingIntegrator", config)
  return e.kind
end
return {
  unnamed = { unnamed, failures, seen[1].trace_id == nil },
  ids = { #a.trace_id, #a.parent_span_id, a.trace_id == b.trace_id, a.parent_span_id ~= b.parent_span_id },
  traceparent = a.traceparent == "00-" .. a.trace_id .. "-" .. a.parent_span_id .. "-01",
  silent = seen[4].trace_id == nil,
  wrong = { kind { sample_rate = 2 }, kind { endpoint = "localhost" }, kind { provider = "zipkin" } },
}
