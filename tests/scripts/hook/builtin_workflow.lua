-- Built-in hooks of workflows: a step that fails for a passing reason is tried again, a role may not run what is not its own.
local function flow(name, fails, kind)
  local runs = 0
  local wf = Workflow.sequential { name = name, steps = { { name = "s", execute = function()
    runs = runs + 1
    if runs <= fails then error { kind = kind, message = "no" } end
    return "done"
  end } } }
  local r = wf:execute()
  return { r.success, runs, r.success and r.output or r.error.kind }
end
Hook.enable_builtin("RetryHandler", { max_retries = 2, initial_delay_ms = 1, jitter = "None", retryable_errors = { "remote", "script" } })
local retried = { flow("twice", 2, "remote"), flow("thrice", 3, "remote"), flow("other", 1, "parse") }
local calls = 0
Tool.define { name = "down", description = "down", execute = function() calls = calls + 1 error { kind = "remote", message = "down" } end }
Workflow.sequential { name = "tool", steps = { { name = "s", tool = "down" } } }:execute()
Hook.disable_builtin("RetryHandler")
Hook.enable_builtin("AuthorizationChecker", { role = "reader", allowed_roles = { reader = { "read*" } } })
local ok, e = pcall(flow, "write", 0)
return { retried = retried, calls = calls, allowed = flow("read_all", 0), refused = { ok, e.kind, e.message, e.details.hook_point } }
