-- require, dofile, loadfile: text files beside the script.
local host = ...
local fail = host.fail
local error, type, tostring, ipairs, select = error, type, tostring, ipairs, select
local setmetatable, finish, raise = host.raw_setmetatable, host.finish, host.raise
local task, promise, settle, wait = host.task, host.promise, host.settle, host.wait

local loaded, preload = {}, {}
for _, name in ipairs { "string", "table", "math", "utf8", "coroutine", "os", "io", "debug" } do
  loaded[name] = _G[name]
end
loaded._G = _G
package = { loaded = loaded, preload = preload, path = host.package_path, cpath = "", config = "/\n;\n?\n!\n-\n" }

-- Modules that are being loaded: who loads them, and who waits for them.
local loading = {}
-- Which module a task waits for.
local wanted = {}

local function check(name, what)
  if type(name) ~= "string" then
    fail("bad argument #1 to '" .. what .. "' (string expected, got " .. (name == nil and "no value" or type(name)) .. ")")
  end
end

-- Whether the loader of `name` itself waits, at last, for a module that this task loads.
local function in_circle(name, own)
  local seen = {}
  while name and loading[name] and not seen[name] do
    seen[name] = true
    if loading[name].task == own then
      return true
    end
    name = wanted[loading[name].task]
  end
  return false
end

local function load_module(name, chunk, extra)
  local entry = { task = task(), waiters = {} }
  loading[name] = entry
  local _ <close> = setmetatable({}, { __close = function()
    loading[name] = nil
    for _, waiter in ipairs(entry.waiters) do
      settle(waiter, true)
    end
  end })
  local value = chunk(name, extra)
  if value ~= nil then
    loaded[name] = value
  elseif loaded[name] == nil then
    loaded[name] = true
  end
  return loaded[name], extra
end

function require(name)
  check(name, "require")
  while loaded[name] == nil and loading[name] do
    local own = task()
    if in_circle(name, own) then
      raise("invalid_state", "module '" .. name .. "' requires itself", "break the circle: require it inside the function that needs it")
    end
    wanted[own] = name
    local waiter = promise()
    local waiters = loading[name].waiters
    waiters[#waiters + 1] = waiter
    local success, reason = wait(waiter)
    wanted[own] = nil
    if not success then
      error(reason, 0)
    end
  end
  if loaded[name] ~= nil then
    return loaded[name]
  end
  if preload[name] ~= nil then
    return load_module(name, preload[name], ":preload:")
  end
  local success, chunk, path = host.find_module(name)
  if not success then
    error(host.add_place(chunk), 0)
  end
  return load_module(name, chunk, path)
end

function loadfile(name, mode, ...)
  check(name, "loadfile")
  local success, chunk = host.load_file(name)
  if not success then
    if chunk.kind == "parse" or chunk.kind == "not_found" then
      return nil, tostring(chunk)
    end
    error(host.add_place(chunk), 0)
  end
  if select("#", ...) > 0 then
    host.set_environment(chunk, (...))
  end
  return chunk
end

function dofile(name)
  check(name, "dofile")
  local success, chunk = host.load_file(name)
  if not success then
    error(host.add_place(chunk), 0)
  end
  return chunk()
end

require, dofile, loadfile = host.native(require), host.native(dofile), host.native(loadfile)
