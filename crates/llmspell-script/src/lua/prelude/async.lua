-- Async: functions of the script that run concurrently in this VM.
local host = ...
local error, pcall, type, rawget, next, tostring, math_type = error, pcall, type, rawget, next, tostring, math.type
local setmetatable = host.raw_setmetatable
local group, spawn, kill, raise = host.group, host.spawn, host.kill, host.raise
local promise, settle, wait = host.promise, host.settle, host.wait

-- Most functions that run at the same time unless the script says otherwise.
local MOST = 10000

local function read_options(options)
  options = options or {}
  if type(options) ~= "table" then
    raise("invalid_args", "Async.all: the options must be a table, got " .. type(options))
  end
  local limit = options.limit
  if limit == nil then
    limit = MOST
  elseif math_type(limit) ~= "integer" or limit < 1 then
    raise("invalid_args", "Async.all: 'limit' must be an integer of at least 1")
  end
  for key in next, options do
    if key ~= "limit" and key ~= "settle" then
      host.warn("Async.all: unknown option '" .. tostring(key) .. "' (it takes: limit, settle)")
    end
  end
  return limit, options.settle
end

local function all(functions, options)
  if type(functions) ~= "table" then
    raise("invalid_args", "Async.all: expected a list of functions, got " .. type(functions))
  end
  local limit, settled = read_options(options)
  local total = 0
  while rawget(functions, total + 1) ~= nil do
    total = total + 1
    if type(functions[total]) ~= "function" then
      raise("invalid_args", "Async.all: item " .. total .. " must be a function, got " .. type(functions[total]))
    end
  end
  local results, tasks, nth = {}, {}, group()
  local begun, active, failure, gate = 0, 0, nil, nil

  local function ended(index, success, value)
    tasks[index] = nil
    active = active - 1
    if settled then
      results[index] = success and { ok = true, value = value } or { ok = false, error = value }
    elseif success then
      results[index] = value
    elseif not failure then
      failure = { value }
    end
    if gate and (failure or active == 0 or begun < total) then
      local open = gate
      gate = nil
      settle(open, true)
    end
  end

  local function begin()
    begun = begun + 1
    active = active + 1
    local index, body = begun, functions[begun]
    tasks[index] = spawn(function()
      ended(index, pcall(body))
    end, nth, index)
  end

  while not failure and (begun < total or active > 0) do
    while begun < total and active < limit do
      begin()
    end
    gate = promise()
    local success, reason = wait(gate)
    if not success then
      error(reason, 0)
    end
  end
  if failure then
    for _, task in next, tasks do
      kill(task)
    end
    error(failure[1], 0)
  end
  return setmetatable(results, host.list_meta)
end

Async = { all = all }

host.native_all(Async)
