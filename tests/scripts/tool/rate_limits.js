// A tool may be called only so often, by all runs of the process; a call beyond that is refused, or waits for its turn.
let last;
for (let count = 0; count < 3; count += 1) last = await Tool.calculator({ input: "1 + 1" });
const details = last.metadata.details;
const waited = [await Tool.hash_calculator({ input: "a" }), await Tool.hash_calculator({ input: "a" })];
let slow;
for (let count = 0; count < 2; count += 1) slow = await Tool.base64_encoder({ operation: "encode", input: "a", timeout_ms: 1000 });
export default {
  refused: [last.success, last.error_kind, last.error.includes("rate limit")],
  again: details.retry_after_ms > 0 && details.retry_after_ms <= 60000,
  waited: [waited[0].success, waited[1].success],
  late: [slow.success, slow.error_kind, slow.error.includes("rate limit")],
};
