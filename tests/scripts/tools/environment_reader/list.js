// All variables that may be seen.
const r = await Tool.environment_reader({});
export default { operation: r.operation, path: typeof r.variables.PATH, some: r.count > 0, truncated: r.truncated,
  secret: r.variables.API_KEY };
