-- One function per level. Records go to standard error, from `info` on unless the configuration says otherwise.
local returned = {}
for _, level in ipairs { "trace", "debug", "info", "warn", "error" } do
  returned[level] = Logger[level]("a record of the level " .. level) == nil
end
return returned
