-- What is not permitted, what failed, and parameters that are wrong.
local function failure(params)
  local ok, r = pcall(Tool.process_executor, params)
  if not ok then return { "raised", r.kind, r.message } end
  return { r.success, r.error_kind, r.error }
end
return {
  denied = failure { command = "rm -rf /" },
  shell = failure({ command = "sh -c id" })[2],
  argument = failure({ command = "find . -delete" })[2],
  variable = failure({ command = "echo", env = { LD_PRELOAD = "x" } })[2],
  directory = failure({ command = "pwd", cwd = "/etc" })[2],
  job = failure { operation = "poll", job_id = "job-9" },
  missing = failure {},
  quote = failure { command = "echo 'a" },
  encoding = failure({ command = "echo", encoding = "utf-16" })[2],
}
