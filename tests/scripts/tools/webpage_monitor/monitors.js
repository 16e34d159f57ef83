// Looks at a page again and again.
const page = Args[0] + "/web/page";
const started = await Tool.webpage_monitor({ operation: "start", input: page, interval_s: 3600 });
const listed = await Tool.webpage_monitor({ operation: "list" });
const polled = await Tool.webpage_monitor({ operation: "poll", monitor_id: started.output });
const stopped = await Tool.webpage_monitor({ operation: "stop", monitor_id: started.output });
const often = await Tool.webpage_monitor({ operation: "start", input: page, interval_s: 5 });
export default {
  started: [started.success, started.url, started.interval_s],
  listed: [listed.output.length, listed.monitors[0].monitor_id === started.output],
  polled: [polled.checks, polled.changes.length],
  stopped: stopped.output,
  left: (await Tool.webpage_monitor({ operation: "list" })).output.length,
  gone: (await Tool.webpage_monitor({ operation: "poll", monitor_id: started.output })).error_kind,
  often: [often.success, often.error_kind],
};
