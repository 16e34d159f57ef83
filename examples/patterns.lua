-- Several agents on one question: in a row, side by side, by vote, under a supervisor, before a judge.
--
--   llmspell run examples/patterns.lua
--
-- Each of the five is an ordinary workflow: `llmspell workflow show last` draws them after the run. They name no model;
-- without a key the built-in offline model plays along, which repeats what it is asked, so that the vote stays open.

local question = "Should a small team write its own deployment scripts?"

local pipeline = Workflow.multi_agent_pipeline {
  name = "pipeline",
  agents = {
    { name = "drafter", system_prompt = "You answer in two sentences." },
    { name = "shortener", system_prompt = "You say the same in one sentence." },
  },
}

local fork_join = Workflow.multi_agent_fork_join {
  name = "fork_join",
  agent_tasks = {
    { agent = { name = "optimist" }, task = "What speaks for it? {{input:}}" },
    { agent = { name = "sceptic" }, task = "What speaks against it? {{input:}}" },
  },
  coordinator = { name = "chair", system_prompt = "You weigh arguments." },
}

local consensus = Workflow.multi_agent_consensus {
  name = "consensus",
  evaluators = { { name = "developer" }, { name = "operator" }, { name = "manager" } },
  options = { "yes", "no" },
  consensus_threshold = 0.6,
}

local supervisor = Workflow.multi_agent_supervisor {
  name = "supervisor",
  supervisor = { name = "lead" },
  workers = { { name = "historian", description = "knows what was tried before" }, { name = "accountant", description = "knows what things cost" } },
}

local debate = Workflow.multi_agent_debate {
  name = "debate",
  debaters = { { name = "pro", system_prompt = "You are for it." }, { name = "con", system_prompt = "You are against it." } },
  judge = { name = "judge" },
  rounds = 1,
}

for _, workflow in ipairs { pipeline, fork_join, consensus, supervisor, debate } do
  local result = workflow:execute(question)
  local answer = result.success and result.output or result.error.message
  print(("%-11s %s"):format(workflow.name, answer:gsub("%s+", " "):sub(1, 90)))
end
