-- os: time, environment and the end of the run, through the ops of the run.
local host = ...
local fail = host.fail
local error, type, tostring, tonumber, next = error, type, tostring, tonumber, next
local call, raise, math_type, tointeger = host.call, host.raise, math.type, math.tointeger

os = {}

local function now()
  return call(host.ops.now) // 1000000
end

function os.clock()
  return call(host.ops.processor) + 0.0
end

function os.difftime(later, earlier)
  if type(later) ~= "number" or type(earlier) ~= "number" then
    local position = type(later) ~= "number" and 1 or 2
    fail("bad argument #" .. position .. " to 'difftime' (number expected)")
  end
  return later - earlier + 0.0
end

function os.getenv(name)
  if type(name) ~= "string" then
    fail("bad argument #1 to 'getenv' (string expected, got " .. (name == nil and "no value" or type(name)) .. ")")
  end
  return call(host.ops.variable, { name = name })
end

local function field(parts, name, default)
  local value = parts[name]
  local number = tointeger(value) or (type(value) == "string" and tointeger(tonumber(value)))
  if number then
    return number
  elseif value ~= nil then
    fail("field '" .. name .. "' is not an integer")
  elseif default == nil then
    fail("field '" .. name .. "' missing in date table")
  end
  return default
end

function os.time(parts)
  if parts == nil then
    return now()
  end
  if type(parts) ~= "table" then
    fail("bad argument #1 to 'time' (table expected, got " .. type(parts) .. ")")
  end
  local year, month, day = field(parts, "year"), field(parts, "month"), field(parts, "day")
  local hour, min, sec = field(parts, "hour", 12), field(parts, "min", 0), field(parts, "sec", 0)
  local seconds, normal = host.seconds_of(year, month, day, hour, min, sec)
  if not seconds then
    fail(normal)
  end
  for name, value in next, normal do
    parts[name] = value
  end
  return seconds
end

function os.date(format, seconds)
  format = format == nil and "%c" or format
  if type(format) ~= "string" and type(format) ~= "number" then
    fail("bad argument #1 to 'date' (string expected, got " .. type(format) .. ")")
  end
  if seconds == nil then
    seconds = now()
  elseif not tointeger(seconds) then
    fail("bad argument #2 to 'date' (number has no integer representation)")
  end
  local success, value = host.date(tostring(format), tointeger(seconds))
  if not success then
    fail(value)
  end
  return value
end

function os.setlocale(locale)
  if locale == nil or locale == "" or locale == "C" or locale == "POSIX" then
    return "C"
  end
  return nil
end

function os.exit(code)
  if code == nil or code == true then
    code = 0
  elseif code == false then
    code = 1
  end
  local number = tointeger(code)
  if not number then
    fail("bad argument #1 to 'exit' (number expected, got " .. type(code) .. ")")
  end
  host.write_out()
  error(host.exit(number & 255), 0)
end

local seconds_in = { s = 1, m = 60, h = 3600, d = 86400 }

function os.execute(command)
  if command == nil then
    return false
  end
  local amount, unit = tostring(command):match("^%s*sleep%s+(%d*%.?%d+)([smhd]?)%s*$")
  if not amount then
    amount, unit = tostring(command):match("^%s*sleep%s+(%d+%.?)([smhd]?)%s*$")
  end
  if not amount then
    raise("unavailable", "os.execute: this runtime starts no processes for scripts", "only 'sleep N' is built in; use Tool.process_executor")
  end
  call(host.ops.sleep, { seconds = tonumber(amount) * (seconds_in[unit] or 1) })
  return true, "exit", 0
end

local function path_of(index, name, value)
  if type(value) ~= "string" then
    fail("bad argument #" .. index .. " to '" .. name .. "' (string expected, got " .. (value == nil and "no value" or type(value)) .. ")")
  end
  return value
end

function os.remove(path)
  host.write_out()
  return host.ask(host.ops.remove, { path = path_of(1, "remove", path) })
end

function os.rename(from, to)
  host.write_out()
  return host.ask(host.ops.rename, { path = path_of(1, "rename", from), to = path_of(2, "rename", to) })
end

function os.tmpname()
  local path, message = host.ask(host.ops.temp, {})
  if not path then
    fail(message)
  end
  return path
end

host.native_all(os)
