-- A release note in three hands: one drafts, one cuts, one checks the tone. Each gets what the one before it wrote.
--
--   llmspell run examples/patterns/pipeline.lua ["what changed"]
--
-- No model is named; without a key the built-in offline model plays along, which repeats what it is asked.

local note = Workflow.multi_agent_pipeline {
  name = "release_note",
  agents = {
    { name = "drafter", system_prompt = "You write release notes from lists of changes, for users rather than developers." },
    { name = "editor", system_prompt = "You cut a text to three sentences and lose no fact." },
    { name = "reader", system_prompt = "You return the text as it is, without anything that promises too much." },
  },
  initial_input = "What changed: {{input:changes}}",
}

local result = note:execute { changes = arg[1] or "search is twice as fast; the export has a date" }
for _, step in ipairs(result.step_results) do
  print(("%-8s %s"):format(step.name, step.output))
end
