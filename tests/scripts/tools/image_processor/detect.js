// The format is told by the content, whatever the name.
const r = await Tool.image_processor({ operation: "detect", source_path: "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAE0lEQVR42mP4z8AARGDiPwMyBwBnsgf595JWggAAAABJRU5ErkJggg==" });
const text = await Tool.image_processor({ operation: "detect", source_path: { base64: "aGVsbG8=" } });
export default { data: r.data, output: r.output, text: text.data, success: text.success };
