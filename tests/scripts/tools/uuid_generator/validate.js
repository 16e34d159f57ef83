// Tells whether a text is a UUID; that it is none is no failure.
const good = await Tool.uuid_generator({ operation: "validate", uuid: "6ba7b810-9dad-11d1-80b4-00c04fd430c8" });
const bad = await Tool.uuid_generator({ operation: "is_valid", input: "6ba7b810-9dad" });
export default {
  good: good.data, output: good.output, bad: [bad.success, bad.output, typeof bad.data.error, bad.operation],
};
