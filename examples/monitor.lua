-- Shows live what an agent does.
--
--   llmspell run examples/monitor.lua
--
-- The same from outside, without a line in the script: llmspell run --events '**' SPELL

local began = Utils.timestamp()
Event.on("**", function(e)
  local facts = e.data.tool_name or e.data.model or e.data.agent_name or ""
  local took = e.data.duration_ms and ("%.1f ms"):format(e.data.duration_ms) or ""
  print(("%6.3f s  %-28s %s %s"):format(Utils.timestamp() - began, e.type, facts, took))
end)

-- The function is called whenever the script waits: here for the model, which takes a moment as real ones do.
local agent = Agent.create {
  name = "clerk",
  model = "mock/any",
  tools = { "calculator" },
  settings = {
    responses = {
      { tool_calls = { { name = "calculator", arguments = { input = "6 * 7" } } }, delay_ms = 200 },
      { text = "It is 42.", delay_ms = 200 },
    },
  },
}
print(agent:execute("What is six times seven?").text)
