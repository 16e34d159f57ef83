// A tool of the script's own is a tool like all others: it has a schema, is listed, found and called like them.
const tool = await Tool.define({
  name: "area",
  description: "Computes an area",
  category: "geometry",
  parameters: [
    { name: "width", type: "number", description: "Width in metres", required: true },
    { name: "height", type: "number", default: 1 },
    { name: "unit", type: "string", enum: ["m2", "ha"] },
  ],
  execute: (p) => p.width * (p.height ?? 1),
});
const [listed] = await Tool.discover({ category: "geometry" });
export default {
  fields: [tool.name, tool.description, tool.version, tool.category],
  listed: [listed.name, listed.description, listed.version, listed.category],
  parameters: tool.schema.parameters,
  output: (await Tool.area({ width: 3, height: 2 })).output,
  by_default: (await Tool.invoke("area", { width: 3 })).output,
  exists: await Tool.exists("AREA"),
};
