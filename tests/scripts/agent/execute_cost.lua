-- Money is reserved before it is spent: what might exceed the limit is not even sent.
local raised = require("lib.raised")
local function kind(model, most)
  local agent = Agent.create { name = "spender", model = model, resource_limits = { max_cost_usd = most } }
  return raised(agent.execute, "go").kind
end
return { too_dear = kind("dear/priced", 10), affordable = kind("dear/priced", 50), unknown_price = kind("dear/unpriced", 50) }
