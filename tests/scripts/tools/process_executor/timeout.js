// What takes too long is ended, and what it wrote is told.
const r = await Tool.process_executor({ command: "sleep 60", timeout_ms: 1500 });
export default { success: r.success, kind: r.error_kind, timed_out: r.timed_out, stdout: r.stdout };
