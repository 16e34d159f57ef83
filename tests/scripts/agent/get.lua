-- An agent is found by its name, or by an item of the list; an unknown name gives nothing.
Agent.create { name = "helper", model = "mock/echo" }
local found = Agent.get("helper")
return {
  name = found.name,
  answers = found:execute("hi").text,
  by_item = Agent.get(Agent.list()[1]) == found,
  unknown = Agent.get("nobody") == nil,
}
