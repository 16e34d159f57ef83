-- An incident runbook: look, diagnose, ask a person, act, and take back what was done if it did not help.
--
--   llmspell run examples/runbook.lua        type y and Enter to permit the restart, anything else to refuse
--
-- It shows steps of every kind in one plan, a step that is skipped on a condition, an approval by a person, and
-- compensation: what succeeded before a failure is undone in reverse order.

-- The service is played by a table, so that the runbook can be tried anywhere.
local service = { memory = 93, traffic = "on", restarts = 0 }

Agent.create { name = "oncall", system_prompt = "You are on call. Say in one sentence what is wrong and what to do." }

local runbook = Workflow.sequential {
  name = "memory alarm",
  description = "What to do when the service runs out of memory.",
  steps = {
    { name = "look", execute = function() return { memory = service.memory } end },
    { name = "diagnose", agent = "oncall", prompt = "The service uses {{step:look:output.memory}} percent of its memory." },
    {
      name = "drain",
      skip_condition = "steps.look.output.memory < 90",
      execute = function() service.traffic = "off"; return "no more traffic" end,
      compensate = function() service.traffic = "on"; print("traffic is back on") end,
    },
    {
      name = "approve",
      input = "{{step:diagnose:text}}",
      timeout_ms = 600000,
      execute = function(ctx)
        io.stderr:write(ctx.params .. "\nrestart the service? [y/N] ")
        if io.read("l") ~= "y" then error({ kind = "denied", message = "nobody permitted the restart" }) end
        return "permitted"
      end,
    },
    { name = "restart", execute = function() service.restarts, service.memory = service.restarts + 1, 20; return "restarted" end },
    { name = "resume", execute = function() service.traffic = "on"; return "traffic is back on" end },
  },
}

local result = runbook:execute()
if result.success then
  print(("memory %d %%, restarts %d"):format(service.memory, service.restarts))
else
  print(("stopped at %s: %s"):format(result.error.location, result.error.message))
end
return { traffic = service.traffic, restarts = service.restarts }
