// What `execute` returns for each kind, and what is known of executions afterwards.
const bad = () => { throw { kind: "conflict", message: "lost", hints: ["try again"] }; };
const one = (name, execute = () => name) => ({ name, execute });
const sorted = (map) => Object.keys(map).filter((name) => map[name] !== null && map[name] !== undefined).sort();
const shape = async (kind, cfg) => {
  const wf = Workflow[kind]({ name: "w", ...cfg });
  const r = await wf.execute();
  return {
    top: sorted(r), data: sorted(r.data), step: r.step_results[0] && sorted(r.step_results[0]), metadata: sorted(r.metadata), extra: sorted(r.metadata.extra),
    same: r.output === null || typeof r.output === "object" || r.output === r.data.final_output, steps: r.step_results.length === r.data.steps.length, id: r.workflow_id === wf.id,
    error: r.error && [r.error.error_type, r.error.kind, `${r.error}`, r.error.message, r.error.location, sorted(r.error)],
    numbers: Number.isInteger(r.data.steps_executed) && Number.isInteger(r.metadata.steps_failed),
    times: r.metadata.start_time <= r.metadata.end_time && r.metadata.start_time.endsWith("Z"),
  };
};
const seq = Workflow.sequential({ name: "measured", description: "d", steps: [one("a")] });
const before = (await seq.get_metrics()).execution;
await seq.execute();
const after = (await seq.get_metrics()).execution;
await Workflow.sequential({ name: "lost", steps: [one("a", bad)] }).execute();
const history = await Workflow.history(2);
const entry = sorted(history[0]);
const info = await Workflow.info("parallel");
const listed = (await Workflow.list())[0];
const veto = await Hook.register("BeforeWorkflowStage", () => ({ type: "cancel", reason: "not now" }));
const raised = await seq.execute().catch((e) => e);
await veto.unregister();
const sub = await Event.subscribe("custom.done");
await seq.emit("custom.done", { n: 1 });
const emitted = (await Event.receive(sub, 100)).data;
const parts = [];
for (const kind of Workflow.types()) parts.push([kind, (await Workflow.info(kind)).type, (await Workflow.info(kind)).description.length > 0]);
const problem = await Workflow.register("sequential", { steps: [] }).catch((e) => e);
export default {
  sequential: await shape("sequential", { steps: [one("a"), one("b", bad)] }),
  parallel: await shape("parallel", { branches: [{ name: "l", steps: [one("a")] }, { name: "r", steps: [one("b", bad)] }] }),
  conditional: await shape("conditional", { branches: [{ name: "x", steps: [one("a")] }] }),
  loop: await shape("loop", { iterator: { range: { end: 1 } }, body: [one("a", bad)] }),
  none: await shape("conditional", { branches: [{ name: "x", condition: "never", steps: [] }] }),
  metrics: [before.total_executions, after.total_executions, after.average_duration_ms >= 0, after.last_execution_time !== undefined, before.last_execution_time === undefined],
  history: [history.length, history[0].name, history[0].success, history[1].name, history[1].success, entry], performance: sorted(await Workflow.performance()),
  info: [sorted(info), info.required], types: parts, listed: [sorted(listed), listed.name, listed.description],
  veto: [!(raised instanceof SpellError), raised.kind, raised.message], emitted: [emitted.workflow_name, emitted.workflow_type, emitted.workflow_id === seq.id, emitted.data],
  unnamed: [problem === undefined, problem.kind, problem.message],
};
