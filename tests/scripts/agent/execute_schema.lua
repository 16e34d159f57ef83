-- With a schema, the answer is parsed and checked; one of the agent holds for every call.
local person = {
  type = "object",
  properties = { name = { type = "string" }, age = { type = "integer", minimum = 18 } },
  required = { "name", "age" },
}
local agent = Agent.create { model = "mock/echo" }
local strict = Agent.create { model = "mock/echo", schema = person }
local prompt = 'Here is {"name": "Ada", "age": 36}.'
local answer = agent:execute { text = prompt, schema = person }
return {
  data = answer.data,
  text = answer.text,
  without = agent:execute("hi").data == nil,
  of_agent = strict:execute(prompt).data,
  made_up = strict:execute("anybody").data,
}
