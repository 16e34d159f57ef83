// Turns a table into a report: CSV to JSON, sums by region, a sentence of an agent, a Markdown file that is kept as an
// artifact.
//
//   llmspell run examples/data_pipeline.js [REPORT.md]
//
// It shows values that keep their types from step to step, queries in tokens, two tools at the same time, retries, and a
// step that undoes another should a later one fail.

const csv = "region,month,sales\nnorth,1,120\nsouth,1,80\nnorth,2,90\nsouth,2,110\n";
const report = Args[0] ?? "sales_report.md";

await Agent.create({ name: "analyst", system_prompt: "You say in one sentence what numbers mean." });

const pipeline = Workflow.sequential({
  name: "sales report",
  steps: [
    { name: "rows", tool: "csv_analyzer", input: { operation: "convert", input: "{{input:csv}}", format: "json" } },
    {
      name: "numbers",
      type: "parallel",
      branches: [
        {
          name: "regions",
          tool: "csv_analyzer",
          input: {
            operation: "aggregate", input: "{{input:csv}}", group_by: ["region"], aggregations: { total: "sum(sales)" }, format: "markdown",
          },
        },
        {
          name: "best",
          tool: "json_processor",
          input: {
            operation: "query", input: "{{step:rows:output}}", query: '(if type == "string" then fromjson else . end) | map(.sales | tonumber) | max',
          },
        },
      ],
    },
    { name: "say", agent: "analyst", prompt: "What do these sales mean?\n\n{{step:numbers:regions:output}}", retry: { max_attempts: 2 } },
    {
      name: "write",
      tool: "file_operations",
      input: {
        operation: "write",
        path: "{{input:report}}",
        input: "# Sales\n\n{{step:numbers:regions:output}}\n\nBest month of a region: {{step:numbers:best:output}}\n\n{{step:say:text}}\n",
      },
      compensate: { tool: "file_operations", input: { operation: "delete", path: "{{input:report}}" } },
    },
    { name: "check", tool: "file_operations", input: { operation: "read", path: "{{input:report}}", end_line: 1 } },
  ],
});

const result = await pipeline.execute({ csv, report });
if (result.success) {
  console.log(`${report} has ${result.output}`);
  console.log(`best: ${result.data.outputs.numbers.best}`);

  // The report outlives the file: each run of the pipeline adds an artifact, which names what it was made from.
  const session = await Session.create({ name: "sales report" });
  const source = await Artifact.store(session, "user_input", "sales.csv", csv);
  await Artifact.storeFile(session, report, "report", { tags: ["sales"], parent_artifact: source });
  await Session.complete(session);
  const [kept] = await Artifact.query({ session_id: session, tags: ["sales"] });
  console.log(`kept ${kept.name} (${kept.artifact_type}) made from artifact ${kept.parent_artifact?.sequence}`);
} else {
  console.log(`failed at ${result.error.location}: ${result.error.message}`);
}
export default { steps: result.data.steps_executed };
