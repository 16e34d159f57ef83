-- Values that are not allowed are failures; missing parameters raise.
local uri = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAE0lEQVR42mP4z8AARGDiPwMyBwBnsgf595JWggAAAABJRU5ErkJggg=="
local function failure(params, short)
  local ok, r = pcall(Tool.image_processor, params)
  if not ok then return { "raised", r.kind, r.message } end
  return { r.success, r.error_kind, not short and r.error or nil }
end
return {
  missing = failure({ operation = "resize", source_path = uri }),
  outside = failure({ operation = "crop", source_path = uri, x = 3, y = 0, width = 2, height = 1 }),
  unknown = failure({ operation = "resize", source_path = { base64 = "aGVsbG8=" }, width = 1 }),
  traversal = failure({ source_path = "../a.png" }, true),
  format = failure({ operation = "convert", source_path = uri, target_format = "avif" }),
}
