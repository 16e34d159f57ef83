-- Groups may stand in groups.
local function square(n)
  return function() return Tool.calculator({ input = n .. " ^ 2" }).output end
end
return Async.all {
  function() return Async.all { square(1), square(2) } end,
  function() return Async.all { square(3), function() return Async.all { square(4), square(5) } end } end,
}
