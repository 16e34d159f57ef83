-- Executions of one agent run one after the other, in the order of the calls; different agents run at the same time.
local agent = Agent.create {
  model = "mock/script",
  settings = { responses = { { text = "first", delay_ms = 30 }, "second", "third" } },
}
local function ask(prompt)
  return function()
    return agent:execute(prompt).text
  end
end
local answers = Async.all { ask("a"), ask("b"), ask("c") }
local said = {}
for index, message in ipairs(agent:get_conversation()) do
  said[index] = message.content
end
return { answers = answers, said = said }
