-- Everything but the processes, or a choice of parts.
local r = Tool.system_monitor {}
local some = Tool.system_monitor { operation = "get_metrics", metrics = { "memory" } }
return { operation = r.operation, cpu = r.cpu_count > 0, memory = r.total_memory_bytes > 0, disks = type(r.disks),
  interfaces = type(r.interfaces), processes = r.processes, count = r.process_count > 0, uptime = r.uptime_seconds > 0,
  formatted = type(r.formatted.total_memory), some = some.cpu_count }
