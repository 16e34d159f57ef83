-- Sorts incoming documents: an agent says what each is, and a branch of its own deals with it.
--
--   llmspell run examples/triage.lua
--
-- It shows a loop over data, structured answers of an agent, branches on what they say, and tools beside agents. It names
-- no model: without a key the built-in offline model takes the gateway's guess for its own.

local documents = {
  { from = "billing@acme.example", text = 'Invoice 17: 3 crates at 40 each. gateway: {"kind": "invoice"}' },
  { from = "jo@home.example", text = 'Two crates arrived broken. gateway: {"kind": "complaint"}' },
  { from = "news@shop.example", text = 'Ten reasons to buy crates. gateway: {"kind": "other"}' },
}

Agent.create { name = "sorter", system_prompt = "You sort the mail of a small company." }
Agent.create { name = "service", system_prompt = "You write short, friendly replies to customers." }

local triage = Workflow.loop {
  name = "triage",
  description = "Says what each document is, and deals with it.",
  iterator = { collection = "{{input:documents}}" },
  aggregation_strategy = "collect_outputs",
  body = {
    {
      name = "sort",
      agent = "sorter",
      input = {
        text = "What is this document? The gateway's guess stands at its end.\n\n{{loop:current_item.text}}",
        schema = {
          type = "object",
          properties = { kind = { type = "string", enum = { "invoice", "complaint", "other" } } },
          required = { "kind" },
        },
      },
      retry = { max_attempts = 2 },
    },
    {
      name = "act",
      type = "conditional",
      branches = {
        {
          name = "invoice",
          condition = "steps.sort.data.data.kind == 'invoice'",
          steps = { { name = "sum", tool = "calculator", input = { input = "3 * 40" } } },
        },
        {
          name = "complaint",
          condition = "steps.sort.data.data.kind == 'complaint'",
          steps = { { name = "reply", agent = "service", prompt = "Reply to {{loop:current_item.from}}: {{loop:current_item.text}}" } },
        },
      },
      default_branch = { name = "file", steps = {
        { name = "file", tool = "hash_calculator", input = { input = "{{loop:current_item.text}}", algorithm = "md5" } },
      } },
    },
    {
      name = "note",
      tool = "template_engine",
      input = {
        template = "{{ from }}: {{ kind }} -> {{ result }}",
        context = {
          from = "{{loop:current_item.from}}",
          kind = "{{step:sort:data.data.kind}}",
          result = "{{step:act:output}}",
        },
      },
    },
  },
}

local result = triage:execute { documents = documents }
for _, line in ipairs(result.data.aggregated_results) do print(line) end
return { documents = result.data.completed_iterations, failed = result.data.failed_iterations }
