-- The runtime is up when the script begins: a hook of its start is called at once.
local seen
Hook.register("SystemStartup", function(ctx) seen = ctx end)
return { point = seen.point, version = #seen.data.version > 0, engine = #seen.data.engine > 0, type = seen.component_id.type, config = seen.data.config_path:match("[^/]*$") }
