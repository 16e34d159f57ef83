-- A few hundred at once are nothing special.
local tasks = {}
for i = 1, 300 do
  tasks[i] = function() Utils.sleep(0.001) return Utils.hash(tostring(i), "md5"):sub(1, 1) and i end
end
local sum = 0
for _, n in ipairs(Async.all(tasks)) do sum = sum + n end
return sum
