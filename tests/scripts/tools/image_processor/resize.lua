-- Proportions are kept; without a target the picture comes back.
local r = Tool.image_processor { source_path = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAE0lEQVR42mP4z8AARGDiPwMyBwBnsgf595JWggAAAABJRU5ErkJggg==", operation = "resize", width = 8 }
local again = Tool.image_processor({ source_path = { base64 = r.data.base64 } }).output
local data = r.data
data.base64, data.file_size = nil, nil
return { data = data, again = { again.format, again.width, again.height } }
