-- Turns a table into a report: CSV to JSON, sums by region, a sentence of an agent, a Markdown file that is kept as an
-- artifact.
--
--   llmspell run examples/data_pipeline.lua [REPORT.md]
--
-- It shows values that keep their types from step to step, queries in tokens, two tools at the same time, retries, and a
-- step that undoes another should a later one fail.

local csv = "region,month,sales\nnorth,1,120\nsouth,1,80\nnorth,2,90\nsouth,2,110\n"
local report = arg[1] or "sales_report.md"

Agent.create { name = "analyst", system_prompt = "You say in one sentence what numbers mean." }

local pipeline = Workflow.sequential {
  name = "sales report",
  steps = {
    { name = "rows", tool = "csv_analyzer", input = { operation = "convert", input = "{{input:csv}}", format = "json" } },
    {
      name = "numbers",
      type = "parallel",
      branches = {
        { name = "regions", tool = "csv_analyzer", input = {
          operation = "aggregate", input = "{{input:csv}}", group_by = { "region" }, aggregations = { total = "sum(sales)" }, format = "markdown",
        } },
        { name = "best", tool = "json_processor", input = {
          operation = "query", input = "{{step:rows:output}}", query = "(if type == \"string\" then fromjson else . end) | map(.sales | tonumber) | max",
        } },
      },
    },
    { name = "say", agent = "analyst", prompt = "What do these sales mean?\n\n{{step:numbers:regions:output}}", retry = { max_attempts = 2 } },
    {
      name = "write",
      tool = "file_operations",
      input = {
        operation = "write",
        path = "{{input:report}}",
        input = "# Sales\n\n{{step:numbers:regions:output}}\n\nBest month of a region: {{step:numbers:best:output}}\n\n{{step:say:text}}\n",
      },
      compensate = { tool = "file_operations", input = { operation = "delete", path = "{{input:report}}" } },
    },
    { name = "check", tool = "file_operations", input = { operation = "read", path = "{{input:report}}", end_line = 1 } },
  },
}

local result = pipeline:execute { csv = csv, report = report }
if not result.success then
  print(("failed at %s: %s"):format(result.error.location, result.error.message))
  return { report = nil }
end
print(("%s has %s"):format(report, tostring(result.output)))
print("best: " .. tostring(result.data.outputs.numbers.best))

-- The report outlives the file: each run of the pipeline adds an artifact, which names what it was made from.
local session = Session.create { name = "sales report" }
local source = Artifact.store(session, "user_input", "sales.csv", csv)
Artifact.store_file(session, report, "report", { tags = { "sales" }, parent_artifact = source })
Session.complete(session)
local kept = Artifact.query { session_id = session, tags = { "sales" } }[1]
print(("kept %s (%s) made from artifact %d"):format(kept.name, kept.artifact_type, kept.parent_artifact.sequence))
return { steps = result.data.steps_executed }
