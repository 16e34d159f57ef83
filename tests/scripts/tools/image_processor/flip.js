// Mirrored twice, a picture is what it was.
const flip = async (source) =>
  (await Tool.image_processor({ operation: "flip", direction: "horizontal", source_path: source })).data.base64;
const once = await flip("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAE0lEQVR42mP4z8AARGDiPwMyBwBnsgf595JWggAAAABJRU5ErkJggg==");
const twice = await flip({ base64: once });
const thrice = await flip({ base64: twice });
export default { changed: once !== twice, again: once === thrice };
