// So many sessions are active at once, and so many calls are made for each, with so much memory.
const failed = (call) =>
  call.catch((e) => ({
    kind: e.kind, message: e.message.replace(/[\da-f]+-[\da-f-]{27}/, "ID"), limit: e.details.limit, value: e.details.value,
  }));
const [a, b] = [await Session.create(), await Session.create()];
const third = await failed(Session.create());
await Session.suspend(a);
const c = await Session.create({ config: { resource_limits: { max_operations: 2 } } });
const resumed = await failed(Session.resume(a));
await Session.complete(b);
await Session.resume(a);
await Session.setCurrent(c);
const sum = () => Tool.calculator({ input: "1 + 1" });
await sum();
await sum();
const exceeded = await sum();
const count = (await Session.stats(c)).operation_count;
await Session.setCurrent(null);
const { status } = await Session.get(c);
await Session.complete(c);
const d = await Session.create({ config: { resource_limits: { max_memory_bytes: 1 } } });
await Session.setCurrent(d);
const memory = await sum();
await Session.setCurrent(null);
export default {
  memory: [memory.error_kind, memory.error.match(/may use 1 bytes of memory/)[0]],
  third, resumed, count,
  exceeded: { kind: exceeded.error_kind, message: exceeded.error.replace(/[\da-f]+-[\da-f-]{27}/, "ID") },
  status,
  outside: (await sum()).output, active: (await Session.list({ status: "active" })).length,
};
