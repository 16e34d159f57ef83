-- A program and its arguments, which no shell has seen.
local r = Tool.process_executor { executable = "echo", arguments = { "a b", 5, "$HOME; ls" } }
local split = Tool.process_executor { command = "echo 'a  b' c", trim = true }
return { output = r.output, stdout = r.stdout, stderr = r.stderr, exit_code = r.exit_code, success = r.data.success,
  timed_out = r.timed_out, name = r.executable:match("[^/]+$"), split = split.output, arguments = split.arguments,
  confined = type(r.metadata.confinement) }
