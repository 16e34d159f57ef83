-- What is saved is what is loaded; how many arguments are passed says whether a scope is.
local function failure(...)
  local _, e = pcall(...)
  return { kind = e.kind, message = e.message, op = e.op }
end
State.save("counter", 1)
State.set("agent:alpha", "prefs", { lang = "en", list = { 1, "two", { three = 3.5 } }, none = JSON.null })
State.save("big", 9007199254740993)
State.save("nothing", nil)
local kept = State.load("agent:alpha", "prefs")
local before = State.load("counter")
State.save("global", "counter", { nested = { { 1 } } })
State.save("counter", "again")
local agent = Agent.create { name = "ann", model = "mock/echo" }
State.save("handle", agent)
State.delete("big")
State.delete("big")
State.delete("agent:alpha", "none")
return {
  before = before, after = State.load("global", "counter"), prefs = kept, got = State.get("agent:alpha", "prefs").list[2],
  big = State.load("big") == nil, missing = State.load("missing") == nil, nothing = State.load("nothing") == nil,
  keys = State.list(), handle = State.load("handle").kind, nothing_returned = State.save("x", 1) == nil and State.delete("x") == nil,
  function_ = failure(State.save, "f", { a = { print } }),
  none = failure(State.save, "k"), many = failure(State.load, "a", "b", "c"), empty = failure(State.delete),
  table_key = failure(State.load, { a = 1 }), no_scope = failure(State.load, true, "k"),
}
