-- Nothing outside of the script's folder is loaded.
local ok, raised = pcall(dofile, "../values/scalars.lua")
return { ok = ok, kind = raised.kind }
