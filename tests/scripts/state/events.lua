-- A value that changes is told, a secret's is not shown.
local sub = Event.subscribe("state.changed")
State.save("n", 1)
State.save("n", 1)
State.save("user:1", "n", { a = 1 })
State.compare_and_set("global", "n", 1, 2)
State.compare_and_set("global", "n", 1, 3)
State.delete("n")
State.delete("n")
State.save("api_token", "t0psecret")
State.save("api_token", "t0psecret2")
local seen = {}
for i, e in ipairs(Event.receive_batch(sub, { timeout_ms = 500 })) do
  seen[i] = { e.data.scope, e.data.key, e.data.old_value or "none", e.data.new_value or "none", e.source.component }
end
return { seen = seen, token = State.load("api_token") }
