-- Coroutines in which calls wait: a wait of the engine passes through the script's own coroutines up to the task.
local host = ...
local fail = host.fail
local create, resume, status, close = coroutine.create, coroutine.resume, coroutine.status, coroutine.close
local running, isyieldable, yield = coroutine.running, coroutine.isyieldable, coroutine.yield
local error, type, tostring, select, pcall = error, type, tostring, select, pcall
local AWAIT, wait, stopped, task_threads = host.await, host.wait, host.stopped, host.task_threads

-- The coroutines that wait for a call; only the one who resumed them may go on with them.
local waiting = host.raw_setmetatable({}, { __mode = "k" })

local function check(value, position, name)
  if type(value) ~= "thread" then
    local got = value == nil and "no value" or type(value)
    fail("bad argument #" .. position .. " to '" .. name .. "' (coroutine expected, got " .. got .. ")")
  end
end

local function continue(co, success, tag, token, ...)
  if success and tag == AWAIT then
    waiting[co] = token
    local done, value = wait(token)
    waiting[co] = nil
    return continue(co, resume(co, done, value))
  end
  return success, tag, token, ...
end

local function new(body, name)
  if type(body) ~= "function" then
    local got = body == nil and "no value" or type(body)
    fail("bad argument #1 to '" .. name .. "' (function expected, got " .. got .. ")")
  end
  local reason = stopped()
  if reason then
    error(reason, 0)
  end
  return create(body)
end

-- Ends what a coroutine waits for, with an error.
function host.cancel_wait(co)
  local token = waiting[co]
  if token then
    host.cancel(token)
  end
end

function coroutine.create(body)
  return new(body, "create")
end

function coroutine.resume(co, ...)
  check(co, 1, "resume")
  if waiting[co] then
    return false, "cannot resume non-suspended coroutine"
  end
  return continue(co, resume(co, ...))
end

local function closing(co)
  host.unyieldable = host.unyieldable + 1
  local success, reason = close(co)
  host.unyieldable = host.unyieldable - 1
  return success, reason
end

local function unwrap(co, success, ...)
  if success then
    return ...
  end
  local reason = ...
  if status(co) == "dead" then
    local closed, other = closing(co)
    if not closed then
      reason = other
    end
  end
  -- As in Lua, a text also gets the place of the caller; other values do not.
  error(reason, 2)
end

function coroutine.wrap(body)
  local co = new(body, "wrap")
  return function(...)
    if waiting[co] then
      fail("cannot resume non-suspended coroutine")
    end
    return unwrap(co, continue(co, resume(co, ...)))
  end
end

function coroutine.status(co)
  check(co, 1, "status")
  if waiting[co] then
    return "normal"
  end
  return status(co)
end

function coroutine.close(co)
  check(co, 1, "close")
  local state = waiting[co] and "normal" or status(co)
  if state ~= "suspended" and state ~= "dead" then
    fail("cannot close a " .. state .. " coroutine")
  end
  return closing(co)
end

function coroutine.running()
  local co, main = running()
  return co, main or task_threads[co] ~= nil
end

function coroutine.isyieldable(co)
  if co == nil then
    co = running()
  end
  check(co, 1, "isyieldable")
  return isyieldable(co) and not task_threads[co]
end

function coroutine.yield(...)
  if task_threads[running()] then
    fail("attempt to yield from outside a coroutine")
  end
  return yield(...)
end
