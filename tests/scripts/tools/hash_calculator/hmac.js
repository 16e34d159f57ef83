// A digest with a key; `verify` with a key compares one.
const input = "what do ya want for nothing?";
const r = await Tool.hash_calculator({ operation: "hmac", input, key: "Jefe" });
const verified = await Tool.hash_calculator({ operation: "verify", input, key: "Jefe", expected_hash: r.output });
export default { output: r.output, algorithm: r.algorithm, verified: verified.output };
