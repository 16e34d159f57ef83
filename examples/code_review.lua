-- Reviews code in rounds: a reviewer writes, a critic objects, until the critic is content or three rounds are over.
--
--   llmspell run examples/code_review.lua [FILE]
--
-- It shows a loop with a condition that ends it, steps that see what earlier rounds said, and what a loop reports.

local code = "fn mean(numbers: &[f64]) -> f64 {\n    numbers.iter().sum::<f64>() / numbers.len() as f64\n}\n"
if arg[1] then
  local file = assert(io.open(arg[1]))
  code = file:read("a")
  file:close()
end

Agent.create { name = "reviewer", system_prompt = "You review code: what is wrong, why, and how to mend it. Be brief." }
Agent.create {
  name = "critic",
  system_prompt = "You criticise reviews. Say what is missing or wrong; if nothing is, answer APPROVED alone.",
}

local review = Workflow.loop {
  name = "review",
  iterator = { range = { start = 1, ["end"] = 3 } },
  aggregation_strategy = "last_only",
  body = {
    {
      name = "task",
      execute = function(ctx, state)
        local objections = state:get("objections")
        local task = "Review this code:\n\n" .. ctx.input.code
        return objections and task .. "\nMend your review, of which was said:\n" .. objections or task
      end,
    },
    { name = "write", agent = "reviewer", prompt = "{{step:task:output}}" },
    { name = "object", agent = "critic", prompt = "Is this review good? Answer APPROVED if so.\n\n{{step:write:text}}" },
    { name = "keep", input = "{{step:object:text}}", execute = function(ctx, state)
      state:set("objections", ctx.params)
      return ctx.steps.write.output
    end },
  },
  break_conditions = {
    { type = "step_output_contains", step = "object", substring = "APPROVED", description = "the critic approved" },
  },
}

local result = review:execute { code = code }
print(result.output)
print(("-- after %d of at most 3 rounds (%s)"):format(result.data.total_iterations, result.data.break_reason or "no approval"))
return { rounds = result.data.total_iterations }
