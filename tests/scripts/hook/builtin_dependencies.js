// DependencyResolver: steps say what they depend on, with `depends_on`.
const step = (name, needs, fn) => ({ name, depends_on: needs, execute: fn ?? (() => name) });
async function run(workflow) {
  try {
    const r = await (await workflow).execute();
    return [r.success, r.output];
  } catch (e) {
    return [e.kind, e.message];
  }
}
async function sequential(config, steps) {
  await Hook.enableBuiltin("DependencyResolver", config);
  return run(Workflow.sequential({ steps, error_strategy: "continue" }));
}
let tries = 0;
function flaky() {
  tries += 1;
  if (tries === 1) throw new Error("first");
  return "second";
}
const order = [];
const note = (name) => { order.push(name); return name; };
await Hook.enableBuiltin("DependencyResolver");
const parallel = await run(Workflow.parallel({ branches: [
  { name: "late", steps: [step("b", ["a"], () => note("b"))] },
  { name: "early", steps: [step("a", undefined, async () => { await Utils.sleep(0.02); return note("a"); })] },
] }));
const bad = () => { throw new Error("no"); };
export default {
  met: await sequential(null, [step("a"), step("b", "a"), step("c", ["a", "b"])]),
  circle: await sequential(null, [step("a", "b"), step("b", "a")]),
  unknown: await sequential(null, [step("a", "x")]),
  later: await sequential(null, [step("a", "b"), step("b")]),
  failed: await sequential({ retry_failed_deps: false }, [step("a", undefined, bad), step("b", "a")]),
  skipped: await sequential({ on_missing_dep: "skip" }, [step("z"), step("a", "x")]),
  mocked: (await sequential({ on_missing_dep: "mock" }, [step("a", "x")]))[1].mocked,
  retried: [await sequential(null, [step("a", undefined, flaky), step("b", "a")]), tries],
  parallel: [parallel[0], order],
  late: (await sequential({ timeout_waiting: 0 }, [step("a"), step("b", "a")]))[0],
};
