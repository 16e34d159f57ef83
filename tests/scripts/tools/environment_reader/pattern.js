// Names by pattern and by regular expression, values masked.
const r = await Tool.environment_reader({ operation: "pattern", pattern: "pat?|NONE*" });
const regex = await Tool.environment_reader({ operation: "filter", filter: "^PATH$", regex: true, mask: true });
export default { operation: r.operation, pattern: r.pattern, count: r.count, path: r.variables.PATH !== undefined,
  masked: regex.variables.PATH.includes("…") };
