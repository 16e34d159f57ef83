-- What needs ffmpeg says so, and what is not allowed stays so.
local dir = Config.get("security.files.read_only_roots")[1] .. "/lib/"
local function failure(params)
  local ok, r = pcall(Tool.video_processor, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind }
end
return {
  frame = failure { operation = "extract_frame", file_path = dir .. "film.mp4", target_path = "/tmp/film.png" },
  thumbnail = failure { operation = "thumbnail", file_path = dir .. "film.mp4", target_path = "/tmp/film.png" },
  convert = failure { operation = "convert", file_path = dir .. "film.mp4", target_path = "/tmp/film.mkv" },
  trim = failure { operation = "trim", file_path = dir .. "film.mp4", target_path = "/tmp/film.mkv", end_seconds = 0.5 },
  sound = failure { operation = "extract_audio", file_path = dir .. "film.mp4", target_path = "/tmp/film.mp3" },
  denied = failure { operation = "convert", file_path = dir .. "film.mp4", target_path = dir .. "film.mkv" },
  missing = failure { operation = "frame", file_path = dir .. "film.mp4", width = 5 },
  unknown = failure { operation = "convert", file_path = dir .. "text.mp4", target_path = "/tmp/film.mkv" },
}
