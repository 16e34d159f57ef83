-- Jobs in the background: start, write, poll, list, stop.
local echo = Tool.process_executor { operation = "start", command = "echo done" }
local heard, last = "", nil
repeat
  last = Tool.process_executor { operation = "poll", job_id = echo.job_id }
  heard = heard .. last.stdout
until not last.running
local sleeper = Tool.process_executor { operation = "start", command = "sleep 60" }
local written = Tool.process_executor { operation = "write", job_id = sleeper.job_id, stdin = "text" }
local listed = Tool.process_executor { operation = "list" }
local stopped = Tool.process_executor { operation = "stop", job_id = sleeper.job_id }
return { first = echo.output, heard = heard, exit_code = last.exit_code, second = sleeper.output,
  bytes_written = written.bytes_written, count = listed.count, running = { listed.jobs[1].running, listed.jobs[2].running },
  stopped = stopped.output, signal = stopped.signal }
