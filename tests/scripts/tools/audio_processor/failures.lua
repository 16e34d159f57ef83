-- What is not allowed, not there or not possible without ffmpeg.
local dir = Config.get("security.files.read_only_roots")[1] .. "/lib/"
local function failure(params)
  local ok, r = pcall(Tool.audio_processor, params)
  return ok and { r.success, r.error_kind } or { "raised", r.kind }
end
return {
  convert = failure { operation = "convert", source_path = dir .. "tone.wav", target_path = dir .. "tone.flac" },
  mp3 = failure { operation = "convert", source_path = dir .. "tone.wav", target_path = "/tmp/tone.mp3" },
  trim = failure { operation = "trim", source_path = dir .. "tone.wav", target_path = "/tmp/tone.wav" },
  tag = failure { operation = "tag", file_path = dir .. "tone.wav", tags = { title = "x" } },
  cover = failure { operation = "cover", file_path = dir .. "tone.wav", target_path = "/tmp/tone.png" },
  unknown = failure { operation = "waveform", file_path = dir .. "text.mp3" },
  span = failure { operation = "trim", source_path = dir .. "tone.wav", target_path = "/tmp/tone.wav", start_seconds = 1, end_seconds = 1 },
}
