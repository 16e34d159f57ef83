-- A first spell: an agent that calls tools, streams its answer, gives structured data, and works beside others.
--
-- It names no model. Without any key it plays with the built-in offline model; with OPENAI_API_KEY (or
-- ANTHROPIC_API_KEY, GEMINI_API_KEY, …) set, the same file talks to a real one.

-- 1. An agent may call the tools it is given. `show` is a tool of our own, written right here.
local notes = {}
local clerk = Agent.create {
  name = "clerk",
  system_prompt = "You are a careful clerk. Use the tools you are told to use, then say what they gave.",
  tools = {
    "calculator",
    "hash_calculator",
    {
      name = "take_note",
      description = "Writes a line into the notebook",
      parameters = { { name = "line", type = "string", required = true } },
      execute = function(p) notes[#notes + 1] = p.line; return "noted: " .. p.line end,
    },
  },
}

-- 2. The answer arrives piece by piece. Tool calls of one turn run at the same time.
print("--- streaming, with tools")
local answer = clerk:invoke_stream([[
Please make these calls:
CALL:calculator:{"input":"17 * 23"}
CALL:hash_calculator:{"input":"llmspell","algorithm":"sha256"}
CALL:take_note:{"line":"ordered 23 boxes of 17"}
]], function(chunk) io.write(chunk.text) end)
print()
for _, call in ipairs(answer.tool_calls) do
  print(("%-16s -> %s"):format(call.name, tostring(call.result):sub(1, 40)))
end
print(("turns: %d, notes: %d"):format(answer.turns, #notes))

-- 3. Structured data: the answer is validated against a JSON Schema, and asked for again when it does not fit.
print("--- structured answer")
local ok, invoice = pcall(clerk.execute, clerk, {
  prompt = "Fill in an invoice for 23 boxes.",
  schema = {
    type = "object",
    properties = { customer = { type = "string" }, boxes = { type = "integer", minimum = 0 } },
    required = { "customer", "boxes" },
  },
})
print(ok and JSON.stringify(invoice.data) or ("no valid answer: " .. tostring(invoice)))

-- 4. Ordinary functions run beside each other; results come back in order.
print("--- three questions at once")
local writer = Agent.create { name = "writer", system_prompt = "You answer in one short sentence." }
local texts = Async.all {
  function() return tostring(writer:execute("What is a spell?")) end,
  function() return Tool.text_manipulator { operation = "uppercase", input = "tools work without an agent" }.output end,
  function() return Tool.date_time_handler { operation = "add", input = "2026-01-31", amount = 1, unit = "month" }.output end,
}
for i, text in ipairs(texts) do print(i, text) end

-- 5. A workflow is a plan that is checked before it runs: steps see what came before them, branches run at the same time.
print("--- a workflow")
local order = Workflow.sequential {
  name = "order",
  steps = {
    { name = "price", tool = "calculator", input = { input = "{{input:boxes}} * 17" } },
    { name = "labels", type = "parallel", branches = {
      { name = "upper", tool = "text_manipulator", input = { operation = "uppercase", input = "{{input:customer}}" } },
      { name = "mark", tool = "hash_calculator", input = { input = "{{input:customer}}", algorithm = "md5" } },
    } },
    { name = "say", execute = function(ctx) return ("%s pays %d"):format(ctx.steps.labels.output.upper, ctx.steps.price.output) end },
  },
}
local ordered = order:execute { boxes = 23, customer = "acme" }
print(("%s (%d steps)"):format(ordered.output, ordered.data.steps_executed))

-- 6. What is worth keeping is an artifact of a session. `llmspell artifact get order.md` prints it again.
print("--- an artifact")
local session = Session.create { name = "quickstart" }
Artifact.store(session, "report", "order.md", "# Order\n\n" .. ordered.output .. "\n", { tags = { "order" } })
for _, kept in ipairs(Artifact.list(session)) do
  print(("%s, version %d, %s, %d bytes"):format(kept.name, kept.version, kept.mime_type, kept.size))
end
Session.complete(session)

-- 7. What a spell returns is its result.
return { turns = answer.turns, notes = notes, tokens = answer.usage.total_tokens }
