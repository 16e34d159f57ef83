-- Counts how often it is loaded.
loads = (loads or 0) + 1
return { loads = function() return loads end }
