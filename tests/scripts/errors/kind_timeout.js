// timeout: it took longer than its limit.
await Tool.define({ name: "nap", description: "Sleeps for an hour", execute: () => Utils.sleep(3600) });
const raised = await Tool.invoke("nap", { timeout_ms: 20 }, { raise: true }).catch((raised) => raised);
export default { ok: !(raised instanceof SpellError), kind: raised.kind, op: raised.op };
