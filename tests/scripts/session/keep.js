// What is saved, loaded, put away and removed.
const id = await Session.create({ name: "kept" });
const [saved, loaded] = [await Session.save(id), await Session.load(id)];
const status = (await Session.get(id)).status;
await Session.setCurrent(id);
await Tool.calculator({ input: "1 + 1" });
await Session.complete(id);
const over = await Session.load(id);
await Session.archive(id);
const archived = await Session.get(id);
await Session.delete(id);
await Session.delete(id);
const failed = (verb, ...args) =>
  Session[verb](...args).catch((e) => `${e.kind}: ${e.message.replace(id, "ID")}`);
const current = await Session.create();
await Session.setCurrent(current);
await Session.delete(current);
const run = (await Session.list({ include_runs: true, search_text: "keep." }))[0].id;
const of = (verb) => Session[verb](run).catch((e) => e.message.replace(run, "RUN"));
export default {
  saved: saved === null || saved === undefined, loaded: loaded === id, status, over: over === id,
  archived: [archived.status, archived.operation_count, archived.completed_at !== undefined],
  gone: await failed("get", id), not_saved: await failed("save", id), not_loaded: await failed("load", id),
  malformed: await failed("delete", "x"), cleared: (await Session.getCurrent()) === null,
  run: await of("delete"), step: await of("complete"),
};
