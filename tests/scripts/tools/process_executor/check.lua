-- Whether a program may run.
local echo = Tool.process_executor { operation = "check", executable = "echo" }
local rm = Tool.process_executor { operation = "check", executable = "rm" }
return { echo = echo.output, path = echo.path:sub(1, 1), rm = rm.permitted, reason = rm.reason:match("^[^(]+[^( ]") }
