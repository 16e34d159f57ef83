-- One function per level. Records go to standard error, from the level `warn` on unless the run is verbose.
local returned = {}
for _, level in ipairs { "trace", "debug", "info", "warn", "error" } do
  returned[level] = Logger[level]("a record of the level " .. level) == nil
end
return returned
