// What is understood: wrapped parameters, synonyms, camelCase, numbers as text, choices in any spelling.
const hash = async (params) => (await Tool.invoke("hash_calculator", params)).output;
const plain = await hash({ input: "abc", algorithm: "sha256" });
const count = { version: "v4", count: "2" };
export default {
  wrapped: (await hash({ parameters: { input: "abc", algorithm: "sha256" } })) === plain,
  synonym: (await hash({ data: "abc", algorithm: "sha256" })) === plain,
  choice: (await hash({ input: "abc", algorithm: "SHA-256" })) === plain,
  camel_case: (await hash({ input: "abc", inputEncoding: "utf-8" })) === plain,
  text_for_number: (await Tool.uuid_generator(count)).output.length,
  whole_float: (await Tool.uuid_generator({ count: 3.0 })).output.length,
  common: (await hash({ input: "abc", timeout_ms: 5000, max_output_bytes: 1000 })) === plain,
};
