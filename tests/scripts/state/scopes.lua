-- A scope is any text; no scope sees the keys of another.
local s = State.scope
State.save(s.Global, "k", "global")
State.save(s.Agent("a"), "k", "agent")
State.save(s.Workflow("w"), "k", 1)
State.save(s.Step("s"), "k", 1)
State.save(s.Session("s"), "k", 1)
State.save(s.User(7), "k", "user")
State.save(s.Custom("x/y"), "k", "custom")
State.save("a/b", "c", 1)
State.save("a", "b/c", 2)
State.save("", "k", "empty")
State.save("100%", "k", 3)
State.save("user:7", "b", { 1 })
State.save("user:7", "a", true)
State.save("temp:list", "z")
State.save("temp:x", "t")
State.save("cache:x", "c")
local unknown = select(2, pcall(State.load, { type = "robot", id = "1" }, "k"))
return {
  names = { s.Global, State.scope.Agent("a"), State.scope.Workflow("w"), State.scope.Step("s"), State.scope.Session("s"), State.scope.User(7), State.scope.Custom("x/y") },
  values = { State.load("k"), State.load("agent:a", "k"), State.load("user:7", "k"), State.load("custom:x/y", "k"), State.load("", "k"), State.load("100%", "k") },
  table = State.load({ type = "user", id = "7" }, "k"),
  apart = { State.load("a/b", "c"), State.load("a", "b/c") },
  lists = { State.list("user:7"), State.list_keys("user:7"), State.keys("user:7"), State.list("a"), State.list("a/b") },
  none = State.list("nobody"), global = State.list(), all = State.all("user:7"), all_global = State.all(), empty = next(State.all("nobody")) == nil,
  unknown = { unknown.kind, unknown.message },
}
