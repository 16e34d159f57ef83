// How branches may be written, which of them run at the same time, what their ends mean for the others.
const step = (name, execute = () => name) => ({ name, execute });
const bad = () => { throw { kind: "execution", message: "bad" }; };
const parallel = (cfg, input) => Workflow.parallel(cfg).execute(input);
const conditional = (cfg, input) => Workflow.conditional(cfg).execute(input);
const refused = (kind, cfg) => {
  try {
    Workflow[kind](cfg);
  } catch (e) {
    return [false, e.kind, e.message];
  }
};
const many = (count, kind) => {
  try {
    Workflow[kind]({ name: "w", branches: Array.from({ length: count }, () => ({ steps: [] })) });
    return true;
  } catch (e) {
    return e.message;
  }
};

let running = 0, most = 0;
const busy = async () => {
  running += 1;
  most = Math.max(most, running);
  await Utils.sleep(0.01);
  running -= 1;
  return "done";
};
const bounded = await parallel({ max_concurrency: 2, steps: [step("a", busy), step("b", busy), step("c", busy), step("d", busy)] });
const bounded_most = most;
most = 0;
const usual = await parallel({ steps: [step("a", busy), step("b", busy), step("c", busy), step("d", busy), step("e", busy)] });
const slow = await parallel({ fail_fast: false, branches: [{ name: "x", steps: [step("x", bad)] }, { name: "y", steps: [step("y")] }] });
const started = [];
const fast = await parallel({ max_concurrency: 1, branches: [
  { name: "first", steps: [step("f", bad)] }, { name: "second", steps: [step("s", () => { started.push(true); })] },
] });
const optional = await parallel({ branches: [{ name: "o", optional: true, steps: [step("o", bad)] }, { name: "p", steps: [step("p")] }] });
const none = await parallel({ join_strategy: "none", branches: [{ name: "n", steps: [step("n", bad)] }, { name: "m", steps: [step("m")] }] });
const first = await parallel({ join_strategy: "first", branches: [{ name: "n", steps: [step("n", bad)] }, { name: "m", steps: [step("m")] }] });
const lost = await parallel({ join_strategy: "any", branches: [{ name: "n", steps: [step("n", bad)] }, { name: "m", steps: [step("m", bad)] }] });
const late = await parallel({ timeout_ms: 20, branches: [{ name: "l", steps: [step("l", () => Utils.sleep(60))] }] });
const late_branch = await parallel({ branches: [{ name: "l", timeout_ms: 20, steps: [step("l", () => Utils.sleep(60))] }] });
const post = await parallel({ branches: [{ name: "b", steps: [step("x", () => 3)] }], post_steps: [step("p", bad)] });
const sees = await Workflow.sequential({ steps: [
  step("before", () => "seen"),
  { name: "fan", type: "parallel", branches: [
    { name: "l", steps: [step("own", () => "own"), step("both", (ctx) => `${ctx.steps.before.output} ${ctx.steps.own.output}`)] },
    { name: "r", steps: [{ name: "late", execute: (ctx) => ctx.steps.own === undefined }] },
  ] },
] }).execute();
const whole = await parallel({ branches: [{ name: "w", workflow: { type: "sequential", steps: [step("i", (ctx) => ctx.input.n)] } }] }, { n: 8 });

const asked = [];
const asks = (name, answer) => () => { asked.push(name); return answer; };
const named = await conditional({ branches: {
  b: { condition: asks("b", true), steps: [step("s", () => "b")] },
  a: { condition: asks("a", false), steps: [step("s", () => "a")] },
  c: { condition: asks("c", true), steps: [step("s", () => "c")] },
} });
const no_default = await conditional({
  name: "c", branches: [{ condition: "never", steps: [] }], default_branch: { steps: [step("d")] }, execute_default_on_no_match: false,
});
const all = await conditional({ execute_all_matching: true, branches: [
  { name: "one", condition: "input.n > 1", steps: [step("x", () => 1)] },
  { name: "two", condition: "input.n > 5", steps: [step("x", () => 2)] },
  { name: "three", steps: [step("x", () => 3)] },
] }, { n: 7 });
const wrong = await conditional({ name: "c", branches: [{ name: "b", condition: { type: "step_output_equals", step: "nowhere", expected: 1 }, steps: [] }] });
const inner = await conditional({ branches: [{ name: "w", workflow: { type: "sequential", steps: [step("i", () => "inside")] } }] });
export default {
  bounded: [bounded.success, bounded_most], usual: [usual.success, most, usual.data.branch_outputs.branch_1 ?? usual.data.branch_outputs.a],
  slow: [slow.success, slow.error.kind, slow.data.failed_branches, slow.data.successful_branches, slow.data.branch_outputs.y],
  fast: [fast.success, started.length, fast.error.location, fast.metadata.extra.stopped_early],
  optional: [optional.success, optional.data.failed_branches, optional.metadata.extra.branch_details[0].required, optional.metadata.extra.branch_details[0].error !== undefined],
  none: [none.success, none.data.failed_branches, none.output.m], first: [first.success, first.output], lost: [lost.success, lost.error.error_type],
  late: [late.success, late.error.kind], late_branch: [late_branch.success, late_branch.error.kind, late_branch.error.message],
  post: [post.success, post.error.location, post.error.kind], sees: [sees.output.l, sees.output.r], whole: whole.output.w,
  named: [named.output, asked, named.data.executed_branches],
  no_default: [no_default.success, no_default.error.kind, no_default.error.message],
  all: [all.success, all.data.matched_branches, all.output], wrong: [wrong.success, wrong.error.kind, wrong.error.location, wrong.error.error_type],
  inner: inner.output,
  refused: [refused("parallel", { name: "w" }), refused("conditional", { name: "w" }), refused("parallel", { name: "w", branches: [{ steps: [] }], join_strategy: "some" })],
  many: [many(100, "conditional"), many(101, "conditional"), many(1000, "parallel"), many(1001, "parallel")],
};
