-- The header tells size and colours; what is no picture is no failure.
local r = Tool.image_processor { source_path = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAE0lEQVR42mP4z8AARGDiPwMyBwBnsgf595JWggAAAABJRU5ErkJggg==" }
local text = Tool.image_processor { operation = "info", source_path = { base64 = "aGVsbG8=" } }
return { metadata = r.data.metadata, output = r.output.width, text = text.data }
