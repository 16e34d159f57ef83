-- Free data of an agent: tables are merged, `get_state` with a key reads.
local agent = Agent.create { model = "mock/echo" }
agent:set_state { a = 1, b = { 2, 3 }, c = "gone" }
agent:set_state { a = "new", c = JSON.null }
return {
  state = agent:get_state(),
  a = agent:get_state("a"),
  b = agent:get_state("b"),
  c = agent:get_state("c") == nil,
}
