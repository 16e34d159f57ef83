// Jobs in the background: start, write, poll, list, stop.
const echo = await Tool.process_executor({ operation: "start", command: "echo done" });
let heard = "", last;
do {
  last = await Tool.process_executor({ operation: "poll", job_id: echo.job_id });
  heard += last.stdout;
} while (last.running);
const sleeper = await Tool.process_executor({ operation: "start", command: "sleep 60" });
const written = await Tool.process_executor({ operation: "write", job_id: sleeper.job_id, stdin: "text" });
const listed = await Tool.process_executor({ operation: "list" });
const stopped = await Tool.process_executor({ operation: "stop", job_id: sleeper.job_id });
export default { first: echo.output, heard, exit_code: last.exit_code, second: sleeper.output,
  bytes_written: written.bytes_written, count: listed.count, running: [listed.jobs[0].running, listed.jobs[1].running],
  stopped: stopped.output, signal: stopped.signal };
