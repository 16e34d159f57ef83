// Everything but the processes, or a choice of parts.
const r = await Tool.system_monitor({});
const some = await Tool.system_monitor({ operation: "get_metrics", metrics: ["memory"] });
export default { operation: r.operation, cpu: r.cpu_count > 0, memory: r.total_memory_bytes > 0,
  disks: Array.isArray(r.disks) ? "table" : "", interfaces: Array.isArray(r.interfaces) ? "table" : "",
  processes: r.processes, count: r.process_count > 0, uptime: r.uptime_seconds > 0,
  formatted: typeof r.formatted.total_memory, some: some.cpu_count };
