-- The eight categories, and those of the run's own tools.
Tool.define { name = "roast", description = "Roasts", category = "kitchen", execute = function() end }
return Tool.categories()
