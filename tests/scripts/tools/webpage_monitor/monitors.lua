-- Looks at a page again and again.
local page = Args[1] .. "/web/page"
local started = Tool.webpage_monitor { operation = "start", input = page, interval_s = 3600 }
local listed = Tool.webpage_monitor { operation = "list" }
local polled = Tool.webpage_monitor { operation = "poll", monitor_id = started.output }
local stopped = Tool.webpage_monitor { operation = "stop", monitor_id = started.output }
local often = Tool.webpage_monitor { operation = "start", input = page, interval_s = 5 }
return {
  started = { started.success, started.url, started.interval_s },
  listed = { #listed.output, listed.monitors[1].monitor_id == started.output },
  polled = { polled.checks, #polled.changes },
  stopped = stopped.output,
  left = #Tool.webpage_monitor({ operation = "list" }).output,
  gone = Tool.webpage_monitor({ operation = "poll", monitor_id = started.output }).error_kind,
  often = { often.success, often.error_kind },
}
