// The same request many times.
const r = await Tool.api_tester({ operation: "load", input: Args[0] + "/json", count: 6, concurrency: 3 });
const l = r.latency;
const missed = await Tool.api_tester({ operation: "benchmark", input: Args[0] + "/status/404", count: 2, expected_status: 200 });
export default {
  done: [r.success, r.operation, r.requests, r.errors],
  statuses: r.status_counts,
  is_ordered: l.min <= l.p50 && l.p50 <= l.p90 && l.p90 <= l.p99 && l.p99 <= l.max && l.mean > 0,
  rate: r.output === r.rps && r.rps > 0 && r.duration_ms > 0,
  synonym: missed.errors,
};
