-- Ready-made workflows for several agents: pipeline, fork and join, consensus, supervisor, debate.
local function says(name, ...)
  local lines = {}
  for i, text in ipairs { ... } do lines[i] = { text = text } end
  return { name = name, model = "mock/echo", settings = { responses = lines } }
end
local function raised(fn)
  local ok, err = pcall(fn)
  return { ok, err.kind, err.message }
end
local first = Agent.create { name = "first", model = "mock/plain" }
Agent.create { name = "second", model = "mock/plain" }

local pipe = Workflow.multi_agent_pipeline {
  name = "pipe",
  agents = { first, "second", { name = "third", model = "mock/plain" } },
  initial_input = "go {{input:n}}",
}
local piped = pipe:execute({ n = 7 })
local short = Workflow.multi_agent_pipeline { agents = { first } }

local fork = Workflow.multi_agent_fork_join {
  name = "fork",
  agent_tasks = {
    { agent = { name = "ann", model = "mock/echo" }, task = "the price of {{input:what}}" },
    { { name = "bob", model = "mock/echo" }, "its colour" },
  },
  coordinator = { name = "chief", model = "mock/echo" },
}
local forked = fork:execute({ what = "tea" })

local function vote(threshold, ...)
  local voters = {}
  for i, text in ipairs { ... } do voters[i] = says("v" .. i, text) end
  local poll = Workflow.multi_agent_consensus { evaluators = voters, options = { "yes", "no" }, consensus_threshold = threshold }
  return poll:execute("Ship it?")
end
local agreed = vote(0.6, "yes", "No.", "I vote yes")
local tied = vote(nil, "yes", "no")

local boss = Workflow.multi_agent_supervisor {
  name = "team",
  supervisor = { name = "boss", model = "mock/tools" },
  workers = { { name = "adder", model = "mock/plain" } },
}
local led = boss:execute('adder_tool {"text": "2 and 2"}')

local debate = Workflow.multi_agent_debate {
  name = "debate",
  debaters = { says("pro", "good", "still good"), says("con", "bad", "still bad") },
  judge = { name = "judge", model = "mock/echo" },
}
local judged = debate:execute({ text = "tea" })
local names = {}
for i, step in ipairs(judged.step_results) do names[i] = step.name end

return {
  pipe = { piped.success, piped.output, pipe.type, piped.data.outputs.second },
  short = { short:execute("a").output, short:execute({ text = "b" }).output, short:execute({ prompt = "c" }).output },
  fork = { fork.type, forked.output, forked.data.branch_outputs.ann },
  agreed = { agreed.success, agreed.output, agreed.step_results[4].data },
  tied = { tied.success, tied.error.kind, tied.error.message },
  led = { led.success, led.output:find("mock: 2 and 2", 1, true) ~= nil },
  debate = { judged.output, names },
  errors = {
    raised(function() Workflow.multi_agent_pipeline { agents = {} } end),
    raised(function() Workflow.multi_agent_pipeline { agents = { 5 } } end),
    raised(function() Workflow.multi_agent_fork_join { agent_tasks = { {} } } end),
    raised(function() Workflow.multi_agent_consensus { evaluators = { first }, options = { "a" }, consensus_threshold = 2 } end),
    raised(function() Workflow.multi_agent_supervisor { supervisor = {}, workers = { "nobody" } } end),
    raised(function() Workflow.multi_agent_debate { debaters = { first }, judge = first, rounds = 0 } end),
  },
}
