-- What is refused, and what goes wrong.
local function db(params)
  if not params.tx then params.database = ":memory:" end
  return Tool.database_connector(params)
end
db { operation = "execute", query = "create table people (id integer primary key, name text, age integer)" }
local function failure(params)
  local ok, r = pcall(db, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind, r.message }
end
local unconfigured = Tool.database_connector { query = "select 1" }
return {
  several = failure { query = "select 1; drop table people" },
  attach = failure { query = "attach '/tmp/x.db' as x" },
  extension = failure { query = "select load_extension('x')" },
  syntax = failure { query = "selec 1" },
  column = failure { query = "select nothing from people" },
  count = failure { query = "select ?", params = { 1, 2 } },
  control = failure { query = "commit" },
  class = failure { query = "select 1", query_type = "update" },
  server = failure { query = "select 1", provider = "oracle" },
  outside = failure { query = "select 1", path = "../x.db" },
  transaction = failure { operation = "commit", tx = "tx_none" },
  operation = failure { operation = "qurey" },
  query = failure { operation = "execute" },
  unknown = failure { query = "select 1", parms = { 1 } },
  unconfigured = { unconfigured.error_kind, unconfigured.error },
}
