-- A decision that is argued over in two rounds, each side hearing the other, before somebody decides.
--
--   llmspell run examples/patterns/debate.lua ["the question"]
--
-- No model is named; without a key the built-in offline model plays along, which repeats what it is asked.

local debate = Workflow.multi_agent_debate {
  name = "debate",
  debaters = {
    { name = "rewrite", system_prompt = "You are for writing it anew. One argument at a time, in one sentence; answer what was said." },
    { name = "mend", system_prompt = "You are for mending what there is. One argument at a time, in one sentence; answer what was said." },
  },
  judge = { name = "judge", system_prompt = "You decide, and name the argument that decided." },
  rounds = 2,
}

local result = debate:execute(arg[1] or "Our billing program is twenty years old and right. What do we do?")
for _, step in ipairs(result.step_results) do
  print(("%-10s %s"):format(step.name, step.output))
end
