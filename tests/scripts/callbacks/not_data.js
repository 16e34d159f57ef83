// A function that returns something that is no data fails, and the failure says what.
const tool = await Tool.define({ name: "odd", description: "Odd", execute: () => ({ f: () => 1 }) });
const r = await tool({});
export default { success: r.success, error_kind: r.error_kind, error: r.error };
