-- The prompt has four names; `parameters` and all other keys are told to the model below it.
local agent = Agent.create { model = "mock/echo" }
local function ask(input)
  return agent:execute(input).text
end
return {
  text = ask { text = "hi" },
  prompt = ask { prompt = "hi" },
  input = ask { input = "hi" },
  message = ask { message = "hi" },
  first_wins = ask { text = "from text", prompt = "from prompt" },
  parameters = ask { text = "Order this", parameters = { count = 2 } },
  others = ask { text = "Greet", who = { name = "Ada" } },
}
