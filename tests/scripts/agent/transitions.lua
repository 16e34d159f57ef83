-- Every transition from every state: the state it leads to, or that it is refused.
local ways = {
  Uninitialized = {}, Ready = { "initialize" }, Running = { "initialize", "start" }, Paused = { "initialize", "pause" },
  Error = { "set_error" }, Terminated = { "terminate" },
}
local verbs = { "initialize", "start", "pause", "resume", "stop", "set_error", "recover", "terminate", "execute" }
local function perform(agent, verb)
  if verb == "set_error" or verb == "execute" then
    return agent[verb]("broken")
  end
  return agent[verb]()
end
local all = {}
for state, way in pairs(ways) do
  all[state] = {}
  for _, verb in ipairs(verbs) do
    local agent = Agent.create { model = "mock/echo" }
    for _, step in ipairs(way) do
      perform(agent, step)
    end
    local success, err = pcall(perform, agent, verb)
    all[state][verb] = success and agent:get_state() or err.kind
  end
end
return all
