-- Several functions make one answer: one after the other, at the same time, the first that says anything, or by vote.
local function yes() end
local function no() return "no" end
local function add(n) return function(ctx) return { type = "modified", data = { parameters = { input = ctx.data.parameters.input .. "+" .. n } } } end end
local function with(functions, pattern, threshold)
  local h = Hook.register { point = "BeforeToolExecution", handler = functions, pattern = pattern, threshold = threshold }
  local ok, r = pcall(Tool.calculator, { input = "1" })
  h:unregister()
  return ok and r.output or r.message
end
local _, unknown = pcall(Hook.register, { point = "ToolError", handler = { yes }, pattern = "random" })
local _, none = pcall(Hook.register, "ToolError", { 1 })
return {
  sequential = { with({ add(2), add(4) }), with({ add(2), no, add(4) }) },
  parallel = { with({ yes, add(2) }, "parallel"), with({ add(2), no }, "parallel") },
  first_match = { with({ yes, add(2), add(4) }, "first_match"), with({ yes, no, add(2) }, "first_match") },
  voting = { with({ yes, yes, no }, "voting"), with({ yes, no, no }, "voting"), with({ yes, yes, no }, "voting", 0.9) },
  unknown = { unknown.kind, unknown.message }, none = none.kind,
}
