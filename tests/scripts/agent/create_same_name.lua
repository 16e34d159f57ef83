-- A name means the newest agent that was created with it; the old one stays usable.
local old = Agent.create { name = "twin", model = "mock/echo", description = "old" }
local new = Agent.create { name = "twin", model = "mock/echo", description = "new" }
local before = Agent.get("twin").description
new:destroy()
return {
  same_id = old.id == new.id,
  equal = old == new,
  named = before,
  old_answers = old:execute("still here").text,
  name_is_free = Agent.get("twin") == nil,
}
