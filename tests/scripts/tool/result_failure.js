// A tool that fails at its work does not raise: it answers with success = false, error and error_kind.
const r = await Tool.calculator({ input: "1 / 0" });
export default {
  success: r.success,
  operation: r.operation,
  error: r.error,
  error_kind: r.error_kind,
  nothing: r.output === null && r.data === null && r.result === null,
};
