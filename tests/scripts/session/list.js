// Queries: which sessions, in which order, how many.
const a = await Session.create({ name: "Alpha", tags: ["x", "red"], created_by: "ada" });
const b = await Session.create({ name: "beta", tags: ["x"], description: "the ALPHABET", parent_session_id: a });
const c = await Session.create({ name: "gamma" });
const d = await Session.create({ name: "delta", tags: ["red"] });
await Session.suspend(b);
await Session.complete(c);
await Session.fail(d);
await Session.archive(d);
const names = async (query = {}) =>
  (await Session.list({ sort_by: "name", ...query })).map((session) => session.name);
const failed = async (query) => {
  try {
    await Session.list(query);
  } catch (e) {
    return e.message;
  }
};
const order = await Session.list({ sort_by: "updated_at", status: ["active", "suspended", "completed", "archived"] });
const runs = await Session.list({ include_runs: true, search_text: "list." });
export default {
  default: await names(), none: (await Session.list({ tags: ["nobody"] })).length,
  suspended: await names({ status: "suspended" }), over: await names({ status: ["completed", "archived", "failed"] }),
  archived_too: await names({ include_archived: true }),
  tags: await names({ tags: ["x"] }), both_tags: await names({ tags: ["x", "red"] }),
  by: await names({ created_by: "ada" }), below: await names({ parent_session_id: a }),
  text: await names({ search_text: "alpha" }), by_tag_text: await names({ search_text: "RE" }),
  before: await names({ created_before: "2020-01-01T00:00:00Z" }), after: await names({ created_after: 1577836800 }),
  updated_after: await names({ updated_after: "2020-01-01T00:00:00Z" }),
  updated_before: await names({ updated_before: 5 }),
  desc: await names({ sort_desc: true }), created: await names({ sort_by: "created_at" }),
  page: await names({ offset: 1, limit: 1 }), last_changed: order[order.length - 1].name, of_four: order.length,
  runs: runs.length, of_run: runs[0].status,
  bad_status: await failed({ status: "activ" }), bad_order: await failed({ sort_by: "size" }),
  bad_time: await failed({ created_after: true }),
};
