// Parameters of the right type whose value is not allowed are a failure of the tool, not an error of the script.
async function failure(params) {
  const r = await Tool.invoke("hash_calculator", params);
  return { success: r.success, error_kind: r.error_kind, error: r.error };
}
export default {
  operation: await failure({ operation: "hsah", input: "abc" }),
  choice: await failure({ input: "abc", algorithm: "sha257" }),
  timeout: await failure({ input: "abc", timeout_ms: 0 }),
  output: await failure({ input: "abc", max_output_bytes: 0 }),
};
