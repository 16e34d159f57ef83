// Artifacts of all sessions are found by what is known of them, newest first.
const [first, second] = [await Session.create(), await Session.create()];
for (let n = 1; n <= 5; n++) {
  const sid = n % 2 === 0 ? second : first;
  await Artifact.store(sid, n < 4 ? "tool_result" : "report", `Run-${n}.md`, "x".repeat(n), {
    tags: ["all", n % 2 === 0 ? "even" : "odd"], n, deep: { part: n % 3 },
  });
}
const numbers = async (query) => (await Artifact.query(query)).map((m) => m.custom.n);
const kind = async (query) => { try { await Artifact.query(query); } catch (e) { return e.kind; } };
export default {
  all: await numbers(),
  session: await numbers({ session_id: first }),
  type: await numbers({ type: "ToolResult" }),
  part_of_name: await numbers({ name_pattern: "run-3" }),
  glob: await numbers({ name_pattern: "?un-2*" }),
  star: await numbers({ name_pattern: "Run-*.md" }),
  tags: await numbers({ tags: ["all", "even"] }),
  size: await numbers({ min_size: 2, max_size: 3 }),
  custom: await numbers({ custom: { "deep.part": 1 } }),
  paged: await numbers({ offset: 1, limit: 2 }),
  later: await numbers({ created_after: "2999-01-01T00:00:00Z" }),
  earlier: await numbers({ created_before: "2999-01-01T00:00:00Z", created_after: 0, limit: 1 }),
  wrong: await kind({ created_after: "soon" }),
  unknown: await kind({ session_id: "nowhere" }),
};
