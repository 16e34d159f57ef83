-- A transaction that lasts over several calls.
local function db(params)
  if not params.tx then params.database = ":memory:" end
  return Tool.database_connector(params)
end
db { operation = "execute", query = "create table people (id integer primary key, name text, age integer)" }
local insert = "insert into people (name) values ('Ann')"
local function count() return db { query = "select count(*) as n from people" }.output[1].n end
local first = db { operation = "begin" }
db { operation = "execute", tx = first.tx, query = insert }
local busy = db { query = "select * from people" }
local rolled_back = db { operation = "rollback", tx = first.tx }
local after_rollback = count()
local second = db { operation = "begin", isolation = "serializable" }.output
db { operation = "execute", transaction_id = second, tx = second, query = insert }
local committed = db { operation = "commit", tx = second }
return {
  isolation = first.isolation,
  busy = { busy.success, busy.error_kind },
  rolled_back = { rolled_back.output, rolled_back.rolled_back, after_rollback },
  committed = { committed.output, committed.committed, count() },
  gone = db { operation = "commit", tx = second }.error_kind,
}
