// Compares with a digest in constant time; a mismatch is no failure.
const verify = (expected) =>
  Tool.hash_calculator({ operation: "verify", input: "abc", algorithm: "md5", expected_hash: expected });
const good = await verify("900150983CD24FB0D6963F7D28E17F72"), bad = await verify("00000000000000000000000000000000");
export default {
  good: [good.success, good.output, good.data],
  bad: [bad.success, bad.output, bad.valid],
  base64: (await verify("kAFQmDzST7DWlj99KOF/cg==")).output,
};
