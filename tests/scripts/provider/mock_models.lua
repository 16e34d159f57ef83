-- The offline models: `echo` repeats, `tools` calls the tools that the prompt names, all others say "mock: ".
local function ask(cfg, prompt)
  return Agent.create(cfg):execute(prompt).text
end
local script = Agent.create { model = "mock/any", settings = { responses = { "first", { text = "second" } } } }
return {
  echo = ask({ model = "mock/echo" }, "hi"),
  any = ask({ model = "mock/gpt" }, "hi"),
  tools = ask({ model = "mock/tools", tools = { "calculator" } }, 'Use calculator {"input": "6 * 7"}'),
  script = { script:execute("hi").text, script:execute("hi").text, script:execute("hi").text },
}
