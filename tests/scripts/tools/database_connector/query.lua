-- Rows, with values bound in any of three ways.
local function db(params)
  if not params.tx then params.database = ":memory:" end
  return Tool.database_connector(params)
end
db { operation = "execute", query = "create table people (id integer primary key, name text, age integer)" }
db { operation = "execute", query = "insert into people (name, age) values ('Ann', 31), ('Bob', 25)" }
local r = db { query = "select name, age from people where age > ?", params = { 30 } }
return {
  output = r.output,
  data = { r.row_count, r.truncated, r.database, r.database_type, r.columns[1].name, r.status },
  numbered = db { sql = "select name from people where age = $1 or age = $1", bind = { 25 } }.output,
  named = db { query = "select name from people where name = :name", params = { name = "Ann" } }.output,
  injected = db { query = "select name from people where name = ?", params = { "' or '1'='1" } }.output,
  cut = db { query = "select name from people order by id", max_rows = 1, offset = 1 }.output,
}
