// Decodes to text where the bytes are text, otherwise to hexadecimal digits.
const r = await Tool.base64_encoder({ operation: "decode", input: "aGVsbG8/Pg==" });
async function decoded(params) {
  const answer = await Tool.base64_encoder({ ...params, operation: "decode" });
  return answer.success ? answer.output : answer.error_kind;
}
const binary = await Tool.base64_encoder({ operation: "decode", input: "//4=" });
export default {
  data: r.data,
  lenient: await decoded({ input: " aGVs\nbG8_Pg " }),
  strict: await decoded({ input: "aGVsbG8_Pg", strict: true }),
  binary: [binary.output, binary.binary],
  as_hex: await decoded({ input: "aGk=", output_format: "hex" }),
  data_uri: await decoded({ input: "data:text/plain;base64,aGk=" }),
  base32: await decoded({ input: "NBSWY3DP", codec: "base32" }),
  hex: await decoded({ input: "6869", codec: "hex" }),
};
