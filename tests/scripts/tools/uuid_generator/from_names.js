// Versions 3 and 5 and `deterministic` derive the same identifier from the same name.
const made = async (params) => (await Tool.uuid_generator(params)).output;
const r = await Tool.uuid_generator({ operation: "deterministic", name: "clerk" });
export default {
  v5: await made({ version: "v5", name: "www.example.com" }),
  v3: await made({ version: "v3", name: "www.example.com", namespace: "dns" }),
  url: await made({ version: "v5", name: "https://example.com/", namespace: "url" }),
  own: await made({ version: "v5", name: "x", namespace: "6ba7b810-9dad-11d1-80b4-00c04fd430c8" }),
  deterministic: r.data,
  tool: await made({ operation: "deterministic", name: "clerk", namespace: "tool" }),
};
