-- Artifacts of all sessions are found by what is known of them, newest first.
local first, second = Session.create(), Session.create()
for n = 1, 5 do
  local sid = n % 2 == 0 and second or first
  Artifact.store(sid, n < 4 and "tool_result" or "report", "Run-" .. n .. ".md", ("x"):rep(n), {
    tags = { "all", n % 2 == 0 and "even" or "odd" }, n = n, deep = { part = n % 3 },
  })
end
local function numbers(query)
  local found = {}
  for i, m in ipairs(Artifact.query(query)) do found[i] = m.custom.n end
  return JSON.array(found)
end
return {
  all = numbers(),
  session = numbers { session_id = first },
  type = numbers { type = "ToolResult" },
  part_of_name = numbers { name_pattern = "run-3" },
  glob = numbers { name_pattern = "?un-2*" },
  star = numbers { name_pattern = "Run-*.md" },
  tags = numbers { tags = { "all", "even" } },
  size = numbers { min_size = 2, max_size = 3 },
  custom = numbers { custom = { ["deep.part"] = 1 } },
  paged = numbers { offset = 1, limit = 2 },
  later = numbers { created_after = "2999-01-01T00:00:00Z" },
  earlier = numbers { created_before = "2999-01-01T00:00:00Z", created_after = 0, limit = 1 },
  wrong = select(2, pcall(Artifact.query, { created_after = "soon" })).kind,
  unknown = select(2, pcall(Artifact.query, { session_id = "nowhere" })).kind,
}
