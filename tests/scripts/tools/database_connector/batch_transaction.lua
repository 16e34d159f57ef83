-- Several changes: all or none.
local function db(params)
  if not params.tx then params.database = ":memory:" end
  return Tool.database_connector(params)
end
db { operation = "execute", query = "create table people (id integer primary key, name text, age integer)" }
local insert = "insert into people (id, name) values (?, ?)"
local function count() return db { query = "select count(*) as n from people" }.output[1].n end
local batch = db { operation = "batch", query = insert, params_list = { { 1, "Ann" }, { 2, "Bob" } } }
local twice = db { operation = "execute_many", query = insert, params_list = { { 3, "Cyd" }, { 3, "Dee" } } }
local after_twice = count()
local both = db { operation = "transaction", statements = { { query = insert, params = { 4, "Eve" } }, { query = "select count(*) as n from people" } } }
local broken = db { operation = "transaction", statements = { { query = "delete from people" }, { query = "select * from nowhere" } } }
return {
  batch = { batch.output, batch.executed },
  twice = { twice.success, twice.error_kind, after_twice },
  both = { both.committed, both.results[2].rows },
  broken = { broken.success, broken.error_kind, count() },
}
