-- Stops asking models once a certain amount of money was spent.
--
--   llmspell run examples/cost_cap.lua
--
-- Prices that are written here count more than known ones; the mock model costs nothing otherwise.

local agent = Agent.create { name = "writer", model = "mock/echo" }

Hook.enable_builtin("CostTracker", {
  alert_threshold = { warning = 0.002, critical = 0.005 },           -- US dollars per hour
  model_costs = { ["mock/echo"] = { input = 100, output = 100 } },   -- US dollars per million tokens
})
Event.on("cost.*", function(e) print(("%s: $%.4f of $%.4f"):format(e.type, e.data.total, e.data.threshold)) end)

for n = 1, 10 do
  local ok, answer = pcall(agent.execute, agent, "Tell me the story number " .. n .. " of the sea, the wind and the ship.")
  if not ok then
    print("stopped at " .. n .. ": " .. answer.message)
    break
  end
  print(n, ("$%.4f"):format(answer.metadata.cost_total))
end
