// All variables that may be seen; they are listed unless a name is given.
const r = await Tool.environment_reader({});
const named = await Tool.environment_reader({ operation: "list" });
export default { same: named.count === r.count, operation: r.operation, path: typeof r.variables.PATH, some: r.count > 0, truncated: r.truncated,
  secret: r.variables.API_KEY };
