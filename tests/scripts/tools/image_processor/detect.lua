-- The format is told by the content, whatever the name.
local r = Tool.image_processor { operation = "detect", source_path = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAE0lEQVR42mP4z8AARGDiPwMyBwBnsgf595JWggAAAABJRU5ErkJggg==" }
local text = Tool.image_processor { operation = "detect", source_path = { base64 = "aGVsbG8=" } }
return { data = r.data, output = r.output, text = text.data, success = text.success }
