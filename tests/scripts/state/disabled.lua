-- Switched off, every function says which setting would switch it on.
local function failure(...)
  local _, e = pcall(...)
  return { e.kind, e.hints[1] }
end
return {
  save = failure(State.save, "k", 1), load = failure(State.load, "k"), delete = failure(State.delete, "k"),
  list = failure(State.list), all = failure(State.all), set = failure(State.compare_and_set, "global", "k", 1, 2),
  scope = State.scope.Agent("a"),
}
