-- A second table is merged over the input.
local agent = Agent.create { model = "mock/echo" }
return {
  over_text = agent:execute("hi", { mood = "cheerful" }).text,
  over_table = agent:execute({ text = "from input", mood = "sad" }, { text = "from options" }).text,
  model = agent:execute("hi", { model = "mock/parrot" }).model,
}
