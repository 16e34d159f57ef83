// PerformanceMonitor: what operations take; slow ones are said.
await Tool.define({ name: "t", description: "t", execute: async () => { await Utils.sleep(0.02); return "done"; } });
const sub = await Event.subscribe("performance.slow");
await Hook.enableBuiltin("PerformanceMonitor", { slow_threshold_ms: 10, enable_profiling: true });
await Tool.invoke("t", {});
const profile = (await Tool.invoke("t", {})).metadata.performance;
const event = await Event.receive(sub);
const numbers = (await Hook.metrics()).performance["tool:t"];
await Hook.enableBuiltin("PerformanceMonitor", { track_cpu: false, track_memory: false, enable_profiling: true });
const bare = (await Tool.invoke("t", {})).metadata.performance;
export default {
  profile: [profile.duration_ms >= 20, profile.slow, profile.cpu_ms >= 0, profile.memory_bytes >= 0],
  event: [event.data.component, event.data.duration_ms >= 10, event.data.threshold_ms],
  numbers: [numbers.count, numbers.slow, numbers.mean_ms >= 20, numbers.p95_ms >= 20, numbers.max_ms >= numbers.p95_ms, numbers.cpu_ms > 0],
  bare: [bare.slow, bare.cpu_ms == null, bare.memory_bytes == null],
};
