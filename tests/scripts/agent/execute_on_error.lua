-- `on_error` repeats a call, answers in its place, or lets the error through.
local raised = require("lib.raised")
local down = { error = { kind = "auth", message = "the API key is refused" } }
local function failing(...)
  return Agent.create { model = "mock/script", settings = { responses = { ... } } }
end
local seen = {}
local function again(err)
  seen[#seen + 1] = err.kind .. ": " .. err.message
  return { retry = true, delay_ms = 0 }
end
local function instead()
  return { text = "my own answer" }
end
local function nothing() end
local hopeless = failing(down, down, down, down)
return {
  again = failing(down, down, "up"):execute({ text = "go", on_error = again }).text,
  three_times = raised(hopeless.execute, { text = "go", on_error = again }).kind,
  seen = seen,
  instead = failing(down):execute({ text = "go", on_error = instead }).text,
  nothing = raised(failing(down).execute, { text = "go", on_error = nothing }),
}
