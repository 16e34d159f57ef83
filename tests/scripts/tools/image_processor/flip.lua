-- Mirrored twice, a picture is what it was.
local function flip(source)
  return Tool.image_processor({ operation = "flip", direction = "horizontal", source_path = source }).data.base64
end
local once = flip("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAE0lEQVR42mP4z8AARGDiPwMyBwBnsgf595JWggAAAABJRU5ErkJggg==")
local twice = flip { base64 = once }
local thrice = flip { base64 = twice }
return { changed = once ~= twice, again = once == thrice }
