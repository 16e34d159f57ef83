// What may follow what, and the error of what may not.
const session = async (status) => {
  const id = await Session.create();
  if (status === "suspended") await Session.suspend(id);
  if (status === "completed" || status === "archived") await Session.complete(id);
  if (status === "failed") await Session.fail(id);
  if (status === "archived") await Session.archive(id);
  return id;
};
const said = async (verb, ...args) => {
  try {
    await Session[verb](...args);
  } catch (e) {
    return [`${e.kind}: ${e.message}`, e.op];
  }
};
const table = {};
for (const from of ["active", "suspended", "completed", "failed", "archived"]) {
  table[from] = {};
  for (const verb of ["suspend", "resume", "complete", "fail", "archive"]) {
    const id = await session(from);
    const refused = await said(verb, id);
    table[from][verb] = refused ? refused[0] : (await Session.get(id)).status;
  }
}
const id = await Session.create();
await Session.fail(id, "no paper");
const failed = await Session.get(id);
const [missing, op] = await said("complete", "00000000-0000-4000-8000-000000000000");
export default {
  table, reason: failed.failure_reason, completed_at: failed.completed_at !== undefined,
  missing, op, malformed: (await said("suspend", "nonsense"))[0],
};
