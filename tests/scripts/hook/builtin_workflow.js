// Built-in hooks of workflows: a step that fails for a passing reason is tried again, a role may not run what is not its own.
async function flow(name, fails, kind) {
  let runs = 0;
  const wf = Workflow.sequential({ name, steps: [{ name: "s", execute: () => {
    runs++;
    if (runs <= fails) throw Object.assign(new Error("no"), { kind });
    return "done";
  } }] });
  const r = await wf.execute();
  return [r.success, runs, r.success ? r.output : r.error.kind];
}
await Hook.enableBuiltin("RetryHandler", { max_retries: 2, initial_delay_ms: 1, jitter: "None", retryable_errors: ["remote", "script"] });
const retried = [await flow("twice", 2, "remote"), await flow("thrice", 3, "remote"), await flow("other", 1, "parse")];
let calls = 0;
await Tool.define({ name: "down", description: "down", execute: () => { calls++; throw Object.assign(new Error("down"), { kind: "remote" }); } });
await Workflow.sequential({ name: "tool", steps: [{ name: "s", tool: "down" }] }).execute();
await Hook.disableBuiltin("RetryHandler");
await Hook.enableBuiltin("AuthorizationChecker", { role: "reader", allowed_roles: { reader: ["read*"] } });
let e;
try { await flow("write", 0); } catch (raised) { e = raised; }
export default { retried, calls, allowed: await flow("read_all", 0), refused: [false, e.kind, e.message, e.details.hook_point] };
