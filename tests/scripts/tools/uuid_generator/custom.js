// Identifiers put together from prefix, time, random part and suffix.
const plain = await Tool.uuid_generator({ operation: "custom", prefix: "job", suffix: "eu", short: true });
const timed = await Tool.uuid_generator({ operation: "custom", prefix: "job", short: true, timestamp: true });
export default {
  plain: /^job_[0-9a-f]{8}_eu$/.test(plain.output),
  timed: /^job_\d{13}_[0-9a-f]{8}$/.test(timed.output),
  timestamp: typeof timed.data.timestamp,
  same: plain.id === plain.value,
};
