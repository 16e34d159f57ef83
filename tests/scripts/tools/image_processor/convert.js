// The format is named.
const r = await Tool.image_processor({ source_path: "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAE0lEQVR42mP4z8AARGDiPwMyBwBnsgf595JWggAAAABJRU5ErkJggg==", operation: "convert", target_format: "bmp" });
const again = (await Tool.image_processor({ source_path: { base64: r.data.base64 } })).output;
const { base64, file_size, ...data } = r.data;
export default { data, again: [again.format, again.width, again.height] };
