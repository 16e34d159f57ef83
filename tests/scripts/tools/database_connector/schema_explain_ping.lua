-- What there is, how it is asked, and whether it answers.
local function db(params)
  if not params.tx then params.database = ":memory:" end
  return Tool.database_connector(params)
end
db { operation = "execute", query = "create table people (id integer primary key, name text, age integer)" }
local schema = db { operation = "list_tables", tables = "peo*" }
local plan = db { operation = "explain", query = "select * from people where id = ?", params = { 1 } }.output
local ping = db { operation = "ping" }
return {
  table = { schema.tables[1].name, schema.tables[1].kind, #schema.tables[1].columns },
  column = schema.output[1].columns[1],
  plan = plan[1].detail:find("PRIMARY KEY") ~= nil,
  ping = { ping.output, ping.available, ping.version:match("^3%.") ~= nil },
}
