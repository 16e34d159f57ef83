-- The run itself ends at its limit, whatever the script does.
while true do
  pcall(function() while true do end end)
end
