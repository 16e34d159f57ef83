-- Changes are counted, and may give rows.
local function db(params)
  if not params.tx then params.database = ":memory:" end
  return Tool.database_connector(params)
end
db { operation = "execute", query = "create table people (id integer primary key, name text, age integer)" }
local inserted = db { operation = "insert", query = "insert into people (name, age) values (?, ?)", params = { "Ann", 31 } }
local returned = db { operation = "update", query = "update people set age = age + 1 returning age" }
return {
  inserted = { inserted.output, inserted.rows_affected, inserted.last_insert_id },
  returned = { returned.output, returned.rows },
  deleted = db { operation = "delete", query = "delete from people" }.output,
  message = db { operation = "execute", query = "delete from people" }.message,
}
