-- DependencyResolver: steps say what they depend on, with `depends_on`.
local function step(name, needs, fn) return { name = name, depends_on = needs, execute = fn or function() return name end } end
local function run(workflow)
  local ok, r = pcall(workflow.execute, workflow)
  return ok and { r.success, r.output } or { r.kind, r.message }
end
local function sequential(config, steps)
  Hook.enable_builtin("DependencyResolver", config)
  return run(Workflow.sequential { steps = steps, error_strategy = "continue" })
end
local tries = 0
local function flaky()
  tries = tries + 1
  if tries == 1 then error("first", 0) end
  return "second"
end
local order = {}
local function note(name) return function() order[#order + 1] = name return name end end
Hook.enable_builtin("DependencyResolver")
local parallel = run(Workflow.parallel { branches = {
  { name = "late", steps = { step("b", { "a" }, note("b")) } },
  { name = "early", steps = { step("a", nil, function() Utils.sleep(0.02) return note("a")() end) } },
} })
local bad = function() error("no", 0) end
return {
  met = sequential(nil, { step("a"), step("b", "a"), step("c", { "a", "b" }) }),
  circle = sequential(nil, { step("a", "b"), step("b", "a") }),
  unknown = sequential(nil, { step("a", "x") }),
  later = sequential(nil, { step("a", "b"), step("b") }),
  failed = sequential({ retry_failed_deps = false }, { step("a", nil, bad), step("b", "a") }),
  skipped = sequential({ on_missing_dep = "skip" }, { step("z"), step("a", "x") }),
  mocked = sequential({ on_missing_dep = "mock" }, { step("a", "x") })[2].mocked,
  retried = { sequential(nil, { step("a", nil, flaky), step("b", "a") }), tries },
  parallel = { parallel[1], order },
  late = sequential({ timeout_waiting = 0 }, { step("a"), step("b", "a") })[1],
}
