-- A poet, a cook and an echo.
for name, about in pairs { poet = "writes poems", cook = "cooks soup" } do
  Agent.create { name = name, model = "mock/echo", description = about, system_prompt = name }
end
Agent.create { name = "loud", agent_type = "basic" }

local team = {}

-- Makes a composite of agents that routes in the given way.
function team.composite(routing, names)
  return Agent.create_composite(routing .. " team", names, { routing_strategy = routing })
end

-- Returns what a composite answers, and who answered.
function team.ask(composite, input)
  local answer = composite:execute(input)
  return { text = answer.text, delegates = answer.metadata.delegates }
end

return team
