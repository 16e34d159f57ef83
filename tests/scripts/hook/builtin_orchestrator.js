// WorkflowOrchestrator: retries, checkpoints, limits and failures of steps, without a word in the workflow.
let tries = 0, undone = false;
function passing() {
  tries += 1;
  if (tries < 3) throw Object.assign(new Error("busy"), { kind: "remote" });
  return "third";
}
async function run(config, steps) {
  await Hook.enableBuiltin("WorkflowOrchestrator", config);
  const r = await (await Workflow.sequential({ name: "w", steps })).execute();
  return [r.success, r.output];
}
const fine = (name) => ({ name, execute: () => name });
const bad = { name: "bad", execute: () => { throw new Error("no"); } };
const undo = { name: "a", execute: () => "a", compensate: () => { undone = true; } };
const sub = await Event.subscribe("workflow.checkpoint");
const retried = await run(null, [{ name: "a", execute: passing }]);
await run({ checkpoint_interval: 2 }, [fine("a"), fine("b"), fine("c"), fine("d")]);
const checkpoints = (await Event.receiveBatch(sub)).map((e) => [e.data.checkpoint_name, e.data.steps_completed]);
await run({ enable_checkpoints: false, checkpoint_interval: 1 }, [fine("a")]);
const none = (await Event.receive(sub, 0)) == null;
await run(null, [undo, bad]);
const rolledBack = undone;
undone = false;
await run({ on_failure: "abort" }, [undo, bad]);
const aborted = undone;
let runs = 0;
const count = { name: "count", input: { n: 1 }, execute: () => { runs += 1; return runs; } };
await Hook.enableBuiltin("WorkflowOrchestrator", { enable_caching: true });
const w = await Workflow.sequential({ steps: [count] });
await w.execute();
const cached = (await w.execute()).output;
const slow = { name: "slow", execute: () => Utils.sleep(30) };
let wrong;
try { await Hook.enableBuiltin("WorkflowOrchestrator", { max_parallel: 2 }); } catch (e) { wrong = e; }
tries = 0;
export default {
  retried,
  not_retried: (await run({ enable_retry: false }, [{ name: "a", execute: passing }]))[0],
  checkpoints, none, undone: [rolledBack, aborted],
  continued: [(await run({ on_failure: "continue" }, [bad, fine("b")]))[1]],
  cached: [cached, runs],
  limited: (await run({ timeout_per_step: 0.02, enable_retry: false }, [slow]))[0],
  wrong: [wrong.kind, wrong.message.match(/up to the workflow/)[0]],
};
