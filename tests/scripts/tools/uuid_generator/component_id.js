// Identifiers with a prefix.
const r = await Tool.uuid_generator({ operation: "component_id", prefix: "agent" });
const short = await Tool.uuid_generator({ operation: "component_id", short: true });
export default {
  form: /^agent_[0-9a-f]+-[0-9a-f]+-4/.test(r.output),
  length: r.output.length,
  same: r.id === r.uuid && r.id === r.output,
  data: [r.prefix, r.data.short],
  short: /^component_[0-9a-f]{8}$/.test(short.output),
};
