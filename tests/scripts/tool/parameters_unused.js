// A parameter that belongs to another operation is not used, and a warning says so.
const r = await Tool.hash_calculator({ operation: "hash", input: "abc", algorithm: "md5", expected_hash: "00" });
export default { success: r.success, warnings: r.metadata.warnings };
