// What is not permitted, what failed, and parameters that are wrong.
const failure = (params) => Tool.process_executor(params).then(
  (r) => [r.success, r.error_kind, r.error],
  (raised) => ["raised", raised.kind, raised.message],
);
export default {
  denied: await failure({ command: "rm -rf /" }),
  shell: (await failure({ command: "sh -c id" }))[1],
  argument: (await failure({ command: "find . -delete" }))[1],
  variable: (await failure({ command: "echo", env: { LD_PRELOAD: "x" } }))[1],
  directory: (await failure({ command: "pwd", cwd: "/etc" }))[1],
  job: await failure({ operation: "poll", job_id: "job-9" }),
  missing: await failure({}),
  quote: await failure({ command: "echo 'a" }),
  encoding: (await failure({ command: "echo", encoding: "utf-16" }))[1],
};
