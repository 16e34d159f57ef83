-- An object such as an agent is a handle: a reference that can be stored, compared, and written as {kind, id}.
local scope = { type = "global" }
local ann = Agent.create { name = "ann", model = "mock/echo" }
Agent.set_shared_memory(scope, "who", { agent = ann })
local back = Agent.get_shared_memory(scope, "who").agent
local data = JSON.parse(JSON.stringify(ann))
return {
  name = back.name,
  same_id = back.id == ann.id,
  works = back:execute("hello").text == ann:execute("hello").text,
  kind = data.kind,
  data_id = data.id == ann.id,
  unknown_field = ann.nothing == nil,
}
