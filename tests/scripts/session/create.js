// A session has an id, what it was created with, and the defaults of the contract.
const failed = async (options) => {
  try {
    await Session.create(options);
  } catch (e) {
    return { kind: e.kind, message: e.message, op: e.op, hints: e.hints };
  }
};
const parent = await Session.create();
const id = await Session.create({
  name: "report", description: "of the week", createdBy: "ada", tags: ["a", "b"],
  metadata: { team: "blue", nested: { list: [1, 2] } }, parentSessionId: parent,
  maxDuration: 60, maxIdleTime: 5,
  config: { auto_save_interval: 7, resource_limits: { max_operations: 9 }, hook_config: { on_end: false } },
});
const [plain, full] = [await Session.get(parent), await Session.get(id)];
const isTime = (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text);
export default {
  is_uuid: /^[\da-f]+-[\da-f]+-4[\da-f]+-[\da-f]+-[\da-f]+$/.test(id) && id.length === 36,
  other: id !== parent,
  own: full.id === id, name: full.name, description: full.description, created_by: full.created_by,
  tags: full.tags, status: full.status, parent: full.parent_session_id === parent,
  custom: full.custom_metadata, metadata: full.metadata,
  times: isTime(full.created_at) && isTime(full.updated_at), completed: full.completed_at === undefined,
  counts: [full.artifact_count, full.operation_count],
  config: full.config,
  defaults: { name: plain.name === undefined, tags: plain.tags, custom: plain.custom_metadata, config: plain.config },
  unknown_option: await failed({ config: { max_idel_secs: 1 } }),
  wrong_option: (await failed({ config: { max_idle_secs: -1 } })).kind,
  negative: (await failed({ max_duration: -1 })).message,
  long_tag: (await failed({ tags: ["x".repeat(65)] })).message,
  middleware: (await failed({ config: { middleware: { loging: true } } })).kind,
  no_parent: (await failed({ parent_session_id: "00000000-0000-4000-8000-000000000000" })).message,
  bad_parent: (await failed({ parent_session_id: "x" })).message,
  bad_metadata: (await failed({ metadata: { print: () => 1 } })).kind,
};
