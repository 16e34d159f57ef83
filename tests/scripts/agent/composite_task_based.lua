-- The input's `task` names the delegate; without one the most able answers.
local team = require("lib.team")
local tasks = team.composite("task_based", { "poet", "cook" })
return {
  named = team.ask(tasks, { text = "hi", task = "cook" }),
  unnamed = team.ask(tasks, "soup"),
}
