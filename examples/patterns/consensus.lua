-- Comments that three moderators vote on; what two of them do not agree on goes to a person.
--
--   llmspell run examples/patterns/consensus.lua
--
-- No model is named; without a key the built-in offline model plays along, which repeats what it is asked: its votes name
-- every option, so that they count for none.

local moderation = Workflow.multi_agent_consensus {
  name = "moderation",
  evaluators = {
    { name = "strict", system_prompt = "You remove what could offend anybody. Answer with one of the options alone." },
    { name = "lenient", system_prompt = "You remove only what breaks the law. Answer with one of the options alone." },
    { name = "literal", system_prompt = "You go by what is written, not by what may be meant. Answer with one of the options alone." },
  },
  options = { "keep", "remove" },
  consensus_threshold = 0.6,
}

for _, comment in ipairs { "The second chapter is the best one.", "Whoever likes this should not be allowed to read." } do
  local result = moderation:execute("Is this comment to be kept or removed? " .. comment)
  print(("%-14s %s"):format(result.success and result.output or "ask a person", comment))
end
