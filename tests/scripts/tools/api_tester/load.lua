-- The same request many times.
local r = Tool.api_tester { operation = "load", input = Args[1] .. "/json", count = 6, concurrency = 3 }
local l = r.latency
return {
  done = { r.success, r.operation, r.requests, r.errors },
  statuses = r.status_counts,
  is_ordered = l.min <= l.p50 and l.p50 <= l.p90 and l.p90 <= l.p99 and l.p99 <= l.max and l.mean > 0,
  rate = r.output == r.rps and r.rps > 0 and r.duration_ms > 0,
  synonym = Tool.api_tester { operation = "benchmark", input = Args[1] .. "/status/404", count = 2, expected_status = 200 }.errors,
}
