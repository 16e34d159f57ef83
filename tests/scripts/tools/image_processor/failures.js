// Values that are not allowed are failures; missing parameters raise.
const uri = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAE0lEQVR42mP4z8AARGDiPwMyBwBnsgf595JWggAAAABJRU5ErkJggg==";
const failure = (params, short) => Tool.image_processor(params).then(
  (r) => short ? [r.success, r.error_kind] : [r.success, r.error_kind, r.error],
  (raised) => ["raised", raised.kind, raised.message],
);
export default {
  missing: await failure({ operation: "resize", source_path: uri }),
  outside: await failure({ operation: "crop", source_path: uri, x: 3, y: 0, width: 2, height: 1 }),
  unknown: await failure({ operation: "resize", source_path: { base64: "aGVsbG8=" }, width: 1 }),
  traversal: await failure({ source_path: "../a.png" }, true),
  format: await failure({ operation: "convert", source_path: uri, target_format: "avif" }),
};
