// What every call answers: success, operation, data, output, and facts in metadata.
const r = await Tool.hash_calculator({ input: "abc", algorithm: "md5" });
export default {
  success: r.success,
  operation: r.operation,
  data: r.data,
  same: r.result.hash === r.data.hash,
  output: r.output,
  error: r.error === null && r.error_kind === null,
  tool: r.metadata.tool,
  duration: Number.isInteger(r.metadata.duration_ms) ? "integer" : "float",
  call_id: typeof r.metadata.call_id,
  warnings: r.metadata.warnings,
};
