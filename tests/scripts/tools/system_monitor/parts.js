// Each part on its own.
const cpu = await Tool.system_monitor({ operation: "cpu", sample_ms: 100 });
const memory = await Tool.system_monitor({ operation: "memory" });
const disk = await Tool.system_monitor({ operation: "disk", mounts: ["/no/such/*"] });
const network = await Tool.system_monitor({ operation: "network" });
const top = await Tool.system_monitor({ operation: "top", limit: 1, sort_by: "memory" });
const host = await Tool.system_monitor({ operation: "host" });
export default { cpu: cpu.per_core.length === cpu.cpu_count, load: cpu.load_average.length,
  memory: memory.used_memory_bytes <= memory.total_memory_bytes, percentage: memory.memory.percentage > 0,
  disks: disk.disks, network: Array.isArray(network.interfaces) ? "table" : "", operation: top.operation,
  one: top.processes.length, memory_bytes: top.processes[0].memory_bytes > 0, host: typeof host.hostname,
  boot: host.boot_time.slice(-1) };
