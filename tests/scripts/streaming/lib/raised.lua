-- Calls a function and returns the error that it raises, as plain data.
return function(f, ...)
  local success, err = pcall(f, ...)
  if success then
    return "nothing was raised"
  end
  return { kind = err.kind, message = err.message, op = err.op, hints = err.hints }
end
