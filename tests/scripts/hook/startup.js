// The runtime is up when the script begins: a hook of its start is called at once.
let seen;
await Hook.register("SystemStartup", (ctx) => { seen = ctx; });
export default { point: seen.point, version: seen.data.version.length > 0, engine: seen.data.engine.length > 0, type: seen.component_id.type, config: seen.data.config_path.split("/").pop() };
