-- io: the standard streams. Files belong to the sandbox, which this build lacks.
local host = ...
local fail = host.fail
local error, type, tostring, select, ipairs, getmetatable = error, type, tostring, select, ipairs, getmetatable
local pack, unpack = table.pack, table.unpack
local setmetatable, put, finish, raise = host.raw_setmetatable, host.put, host.finish, host.raise

io = {}

local files = setmetatable({}, { __mode = "k" })
local methods = {}
local meta = { __name = "FILE*", __index = methods }
meta.__tostring = function(file)
  return "file (" .. files[file].name .. ")"
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
  end
  return found
end

local function write(file, ...)
  local target = files[file]
  if target.stream == 0 then
    return nil, "Bad file descriptor", 9
  end
  for index = 1, select("#", ...) do
    local value = select(index, ...)
    if type(value) ~= "string" and type(value) ~= "number" then
      local meta = getmetatable(value)
      if not (type(meta) == "table" and meta.__text) then
        fail("bad argument #" .. index .. " to 'write' (string expected, got " .. (value == nil and "nil" or type(value)) .. ")")
      end
    end
    put(target.stream, tostring(value))
  end
  return file
end

local function read_one(format)
  if type(format) == "number" then
    return finish(host.read("count", format))
  end
  local letter = tostring(format):gsub("^%*", ""):sub(1, 1)
  if letter ~= "l" and letter ~= "L" and letter ~= "a" and letter ~= "n" then
    fail("bad argument #1 to 'read' (invalid format)")
  end
  return finish(host.read(letter, 0))
end

local function read(file, ...)
  if files[file].stream ~= 0 then
    return nil, "Bad file descriptor", 9
  end
  local count = select("#", ...)
  if count == 0 then
    return (read_one("l"))
  end
  local values = {}
  for index = 1, count do
    values[index] = read_one((select(index, ...)))
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
    return read(file, unpack(formats, 1, formats.n))
  end
end

function methods.flush(file)
  host.flush(about(file, "flush").stream)
  return file
end

function methods.close(file)
  about(file, "close")
  return nil, "cannot close standard file", -1
end

function methods.setvbuf(file)
  about(file, "setvbuf")
  return true
end

function methods.seek(file)
  about(file, "seek")
  return nil, "Illegal seek", 29
end

local function no_files(name)
  raise("unavailable", "io." .. name .. ": scripts reach no files in this build", "use Tool.file_operations")
end

function io.write(...)
  return write(io.stdout, ...)
end

function io.read(...)
  return read(io.stdin, ...)
end

function io.lines(name, ...)
  if name ~= nil then
    no_files("lines")
  end
  return methods.lines(io.stdin, ...)
end

function io.type(value)
  return files[value] and "file" or nil
end

function io.close(file)
  return methods.close(file == nil and io.stdout or file)
end

function io.flush()
  return methods.flush(io.stdout)
end

function io.output(file)
  if file ~= nil and not files[file] then
    no_files("output")
  end
  return io.stdout
end

function io.input(file)
  if file ~= nil and not files[file] then
    no_files("input")
  end
  return io.stdin
end

for _, name in ipairs { "open", "popen", "tmpfile" } do
  io[name] = function()
    no_files(name)
  end
end

host.native_all(io)
