-- `invoke` and `run` are other names of `execute`; a method may be called with a dot as well.
local agent = Agent.create { model = "mock/echo" }
return {
  invoke = agent:invoke("a").text,
  run = agent:run("b").text,
  dot = agent.execute("c").text,
  complete = agent:complete("d"),
  complete_table = agent:complete { prompt = "e" },
}
