// A picture that models take is encoded as it is, unless it must shrink.
const uri = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAE0lEQVR42mP4z8AARGDiPwMyBwBnsgf595JWggAAAABJRU5ErkJggg==";
const r = await Tool.image_processor({ operation: "encode", source_path: uri });
const small = await Tool.image_processor({ operation: "encode", source_path: uri, max_width: 2 });
export default {
  same: r.output === uri,
  mime_type: r.data.mime_type,
  size: [r.data.width, r.data.height],
  small: [small.data.width, small.data.height],
};
