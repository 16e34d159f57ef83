-- io: the standard streams, and files through the ops of the run.
local host = ...
local fail = host.fail
local error, type, tostring, select, ipairs, getmetatable = error, type, tostring, select, ipairs, getmetatable
local next, tonumber = next, tonumber
local pack, unpack = table.pack, table.unpack
local setmetatable, put, finish, raise = host.raw_setmetatable, host.put, host.finish, host.raise
local start = host.start

io = {}

local files = setmetatable({}, { __mode = "k" })
local methods = {}
local meta = host.file_meta()
meta.__name, meta.__index = "FILE*", methods
meta.__tostring = function(file)
  return files[file].closed and "file (closed)" or "file (" .. files[file].name .. ")"
end

local function standard(name, stream)
  local file = setmetatable({}, meta)
  files[file] = { name = name, stream = stream }
  return file
end

io.stdin, io.stdout, io.stderr = standard("stdin", 0), standard("stdout", 1), standard("stderr", 2)

local function about(file, name)
  local found = files[file]
  if not found then
    fail("bad argument #1 to '" .. name .. "' (FILE* expected, got " .. type(file) .. ")")
  elseif found.closed then
    fail("attempt to use a closed file")
  end
  return found
end

-- Calls an op of files; gives its value, or nil, the message and the number that C libraries have for it.
local numbers = { not_found = 2, exists = 17, denied = 13, invalid_args = 22, io = 5, limit = 27 }

local function ask(op, args)
  local success, value = start(op, args)
  if success == nil then
    success, value = host.wait(value)
  end
  if success then
    return value == nil and true or value
  end
  local number = type(value) == "table" and numbers[value.kind]
  if not number then
    error(host.add_place(value), 0)
  end
  local text = value.kind == "not_found" and "No such file or directory" or value.message
  local hint = value.kind ~= "not_found" and value.hints and value.hints[1]
  local place = args.path and args.path .. ": " or ""
  return nil, place .. text .. (hint and " (" .. hint .. ")" or ""), number
end

host.ask = ask

-- Bytes that are read at once, and kept before they are written.
local PIECE = 64 * 1024

-- Files with bytes that are not written yet.
local unwritten = host.unwritten

-- Writes what is kept. The first bytes of a file that is replaced go in one act with its truncation.
local function put_out(file)
  local bytes = table.concat(file.kept)
  local first = file.replaces
  if bytes == "" and not first then
    unwritten[file] = nil
    return true
  end
  local at = not first and not file.appends and file.kept_at or nil
  local done, message, number = ask(host.ops.write, {
    path = file.path, bytes = bytes, at = at, replace = first,
  })
  file.kept, file.size = {}, 0
  unwritten[file] = nil
  file.replaces = false
  if not done then
    return nil, message, number
  end
  return true
end

local function keep(file, text)
  -- What was read ahead may be changed by this.
  file.ahead, file.ahead_at = "", file.at
  if #file.kept == 0 then
    file.kept_at = file.at
  end
  file.kept[#file.kept + 1] = text
  file.size = file.size + #text
  file.at = file.at + #text
  unwritten[file] = true
  if file.size >= PIECE then
    return put_out(file)
  end
  return true
end

-- Writes everything that is kept anywhere, at the end of a script.
function host.write_out()
  for file in next, unwritten do
    local done, message = put_out(file)
    if not done then
      host.warn("a file could not be written: " .. tostring(message))
    end
  end
end

local function text_of(index, value)
  if type(value) ~= "string" and type(value) ~= "number" then
    local meta = getmetatable(value)
    if not (type(meta) == "table" and meta.__text) then
      fail("bad argument #" .. index .. " to 'write' (string expected, got " .. (value == nil and "nil" or type(value)) .. ")")
    end
  end
  return tostring(value)
end

local function write(file, ...)
  local target = files[file]
  if target.stream == 0 or target.path and not target.writes then
    return nil, "Bad file descriptor", 9
  end
  for index = 1, select("#", ...) do
    local text = text_of(index, (select(index, ...)))
    if target.path then
      local done, message, number = keep(target, text)
      if not done then
        return nil, message, number
      end
    else
      put(target.stream, text)
    end
  end
  return file
end

-- Reads on; false at the end of the file.
local function more(file, count)
  local next_at = file.ahead_at + #file.ahead
  local bytes, message, number = ask(host.ops.read, { path = file.path, at = next_at, count = count or PIECE })
  if not bytes then
    return nil, message, number
  end
  if bytes == "" then
    return false
  end
  file.ahead = file.ahead .. bytes
  return true
end

local function take(file, count)
  local bytes = file.ahead:sub(1, count)
  file.ahead = file.ahead:sub(count + 1)
  file.ahead_at = file.ahead_at + #bytes
  file.at = file.ahead_at
  return bytes
end

local function read_line(file, with_end)
  local from = 1
  while true do
    local place = file.ahead:find("\n", from, true)
    if place then
      local line = take(file, place)
      return with_end and line or line:sub(1, -2)
    end
    from = #file.ahead + 1
    local got, message, number = more(file)
    if got == nil then
      return nil, message, number
    elseif not got then
      return #file.ahead > 0 and take(file, #file.ahead) or nil
    end
  end
end

local function read_all(file)
  local pieces = { take(file, #file.ahead) }
  while true do
    local got, message, number = more(file, 16 * PIECE)
    if got == nil then
      return nil, message, number
    elseif not got then
      return table.concat(pieces)
    end
    pieces[#pieces + 1] = take(file, #file.ahead)
  end
end

local function read_count(file, count)
  while #file.ahead < math.max(count, 1) do
    local got, message, number = more(file, math.max(count - #file.ahead, PIECE))
    if got == nil then
      return nil, message, number
    elseif not got then
      break
    end
  end
  if #file.ahead == 0 then
    return nil
  end
  return take(file, count)
end

local function read_number(file)
  -- A numeral has at most 200 characters, after any white space.
  local first
  repeat
    first = file.ahead:find("%S")
    if first then
      take(file, first - 1)
    else
      take(file, #file.ahead)
    end
  until first or not more(file)
  while #file.ahead < 200 and more(file) do end
  local numeral = file.ahead:match("^[%w+%-.]+")
  if not numeral then
    return nil
  end
  take(file, #numeral)
  return tonumber(numeral)
end

local function letter_of(format)
  local letter = tostring(format):gsub("^%*", ""):sub(1, 1)
  if letter ~= "l" and letter ~= "L" and letter ~= "a" and letter ~= "n" then
    fail("bad argument #1 to 'read' (invalid format)")
  end
  return letter
end

local function read_file(file, format)
  if unwritten[file] then
    local done, message, number = put_out(file)
    if not done then
      return nil, message, number
    end
    file.ahead, file.ahead_at = "", file.at
  end
  if type(format) == "number" then
    return read_count(file, format)
  end
  local letter = letter_of(format)
  if letter == "a" then
    return read_all(file)
  elseif letter == "n" then
    return read_number(file)
  end
  return read_line(file, letter == "L")
end

local function read_one(file, format)
  if file.path then
    return read_file(file, format)
  elseif type(format) == "number" then
    return finish(host.read("count", format))
  end
  return finish(host.read(letter_of(format), 0))
end

local function read(file, ...)
  local source = files[file]
  if source.path and not source.reads or not source.path and source.stream ~= 0 then
    return nil, "Bad file descriptor", 9
  end
  local count = select("#", ...)
  if count <= 1 then
    return read_one(source, count == 0 and "l" or (...))
  end
  local values = {}
  for index = 1, count do
    values[index] = read_one(source, (select(index, ...)))
    if values[index] == nil then
      return unpack(values, 1, index)
    end
  end
  return unpack(values, 1, count)
end

function methods.write(file, ...)
  about(file, "write")
  return write(file, ...)
end

function methods.read(file, ...)
  about(file, "read")
  return read(file, ...)
end

function methods.lines(file, ...)
  about(file, "lines")
  local formats = pack(...)
  return function()
    about(file, "lines")
    return read(file, unpack(formats, 1, formats.n))
  end
end

function methods.flush(file)
  local target = about(file, "flush")
  if target.path then
    local done, message, number = put_out(target)
    if not done then
      return nil, message, number
    end
    return file
  end
  host.flush(target.stream)
  return file
end

function methods.close(file)
  local target = about(file, "close")
  if not target.path then
    return nil, "cannot close standard file", -1
  end
  local done, message, number = true, nil, nil
  if target.writes then
    done, message, number = put_out(target)
  end
  target.closed = true
  if not done then
    return nil, message, number
  end
  return true
end

meta.__close = function(file)
  if not files[file].closed then
    methods.close(file)
  end
end

function methods.setvbuf(file)
  about(file, "setvbuf")
  return true
end

local function size_of(file)
  local found, message, number = ask(host.ops.size, { path = file.path })
  if found == nil then
    return nil, message, number
  end
  return found
end

function methods.seek(file, whence, offset)
  local target = about(file, "seek")
  if not target.path then
    return nil, "Illegal seek", 29
  end
  whence, offset = whence == nil and "cur" or whence, offset == nil and 0 or offset
  if target.writes then
    local done, message, number = put_out(target)
    if not done then
      return nil, message, number
    end
  end
  local base = 0
  if whence == "cur" then
    base = target.at
  elseif whence == "end" then
    local size, message, number = size_of(target)
    if not size then
      return nil, message, number
    end
    base = size
  elseif whence ~= "set" then
    fail("bad argument #1 to 'seek' (invalid option '" .. tostring(whence) .. "')")
  end
  if base + offset < 0 then
    return nil, "Invalid argument", 22
  end
  target.at = base + offset
  target.ahead, target.ahead_at = "", target.at
  return target.at
end

local modes = { r = true, w = true, a = true, ["r+"] = true, ["w+"] = true, ["a+"] = true }

function io.open(path, mode)
  if type(path) ~= "string" then
    fail("bad argument #1 to 'open' (string expected, got " .. (path == nil and "no value" or type(path)) .. ")")
  end
  mode = mode == nil and "r" or mode
  local plain = type(mode) == "string" and mode:gsub("b$", "")
  if not modes[plain] then
    fail("bad argument #2 to 'open' (invalid mode)")
  end
  local letter, both = plain:sub(1, 1), plain:sub(2) == "+"
  local size, message, number = ask(host.ops.open, { path = path, mode = plain })
  if not size then
    return nil, message, number
  end
  local at = letter == "a" and size or 0
  local file = setmetatable({}, meta)
  files[file] = {
    name = path, path = path, at = at, ahead = "", ahead_at = at, kept = {}, size = 0,
    reads = letter == "r" or both, writes = letter ~= "r" or both,
    appends = letter == "a", replaces = letter == "w",
  }
  if letter == "w" then
    unwritten[files[file]] = true
  end
  return file
end

local standard_input, standard_output = io.stdin, io.stdout

function io.write(...)
  about(standard_output, "write")
  return write(standard_output, ...)
end

function io.read(...)
  about(standard_input, "read")
  return read(standard_input, ...)
end

local function open_or_raise(name, mode)
  local file, message = io.open(name, mode)
  if not file then
    fail(message)
  end
  return file
end

function io.lines(name, ...)
  if name == nil then
    return methods.lines(standard_input, ...)
  end
  local file, formats = open_or_raise(name, "r"), pack(...)
  local function next_line()
    if files[file].closed then
      fail("file is already closed")
    end
    local values = pack(read(file, unpack(formats, 1, formats.n)))
    if values[1] == nil then
      methods.close(file)
    end
    return unpack(values, 1, values.n)
  end
  return next_line, nil, nil, file
end

function io.type(value)
  local found = files[value]
  return found and (found.closed and "closed file" or "file") or nil
end

function io.close(file)
  return methods.close(file == nil and standard_output or file)
end

function io.flush()
  return methods.flush(standard_output)
end

function io.output(file)
  if type(file) == "string" then
    file = open_or_raise(file, "w")
  end
  if file ~= nil then
    about(file, "output")
    standard_output = file
  end
  return standard_output
end

function io.input(file)
  if type(file) == "string" then
    file = open_or_raise(file, "r")
  end
  if file ~= nil then
    about(file, "input")
    standard_input = file
  end
  return standard_input
end

function io.tmpfile()
  local path, message, number = ask(host.ops.temp, {})
  if not path then
    return nil, message, number
  end
  return io.open(path, "w+")
end

function io.popen()
  raise("unavailable", "io.popen: this runtime starts no processes for scripts", "use Tool.process_executor")
end

host.native_all(io)
