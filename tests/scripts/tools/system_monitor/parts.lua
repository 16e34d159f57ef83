-- Each part on its own.
local cpu = Tool.system_monitor { operation = "cpu", sample_ms = 100 }
local memory = Tool.system_monitor { operation = "memory" }
local disk = Tool.system_monitor { operation = "disk", mounts = { "/no/such/*" } }
local network = Tool.system_monitor { operation = "network" }
local top = Tool.system_monitor { operation = "top", limit = 1, sort_by = "memory" }
local host = Tool.system_monitor { operation = "host" }
return { cpu = #cpu.per_core == cpu.cpu_count, load = #cpu.load_average,
  memory = memory.used_memory_bytes <= memory.total_memory_bytes, percentage = memory.memory.percentage > 0,
  disks = disk.disks, network = type(network.interfaces), operation = top.operation, one = #top.processes,
  memory_bytes = top.processes[1].memory_bytes > 0, host = type(host.hostname), boot = host.boot_time:sub(-1) }
