// What a hook returns that is no answer is a failure of the hook, not a reason to cancel; the call goes on.
const agent = await Agent.create({ name: "ann", model: "mock/echo" });
const print = () => {};
async function attempt(value, fail_closed) {
  const h = await Hook.register("BeforeToolExecution", () => value, { fail_closed });
  let answer, raised;
  try { answer = await Tool.invoke("calculator", { input: "6 * 7" }); } catch (e) { raised = e; }
  const info = (await Hook.list("BeforeToolExecution"))[0];
  await h.unregister();
  return { ok: !raised, output: answer?.output ?? false, failures: info.failures, kind: raised?.kind ?? false,
    named: raised?.message.match(/returned (.+)$/)?.[1] };
}
export default {
  callback: await attempt(print),
  in_data: await attempt({ type: "replace", data: { f: print } }),
  pending: await attempt((function* () {})()),
  object: await attempt(new Date()),
  handle: await attempt(agent),
  table_without_type: await attempt({ f: print }),
  list: await attempt([1, 2]),
  closed: await attempt(print, true),
  closed_handle: await attempt(agent, true),
};
