// Makes one identifier or several, of any version and format.
const r = await Tool.uuid_generator({});
const made = async (params) => (await Tool.uuid_generator(params)).output;
const several = await Tool.uuid_generator({ count: 3 });
export default {
  usual: [r.operation, r.version, r.format, r.output.length, r.uuid === r.output, r.value === r.output, r.uuids.length],
  version: (await made({ version: "v7" }))[14],
  by_number: (await made({ version: "1" }))[14],
  simple: (await made({ format: "simple" })).length,
  braced: /^{.*}$/.test(await made({ format: "braced" })),
  urn: (await made({ format: "urn" })).match(/^urn:uuid:/)[0],
  none: await made({ version: "nil" }),
  max: await made({ version: "max" }),
  ulid: (await made({ version: "ulid" })).length,
  nanoid: (await made({ version: "nanoid" })).length,
  several: [several.output.length, several.output[0] !== several.output[1]],
};
