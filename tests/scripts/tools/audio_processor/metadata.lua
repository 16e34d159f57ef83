-- The form of the sound; what is no sound is no failure.
local dir = Config.get("security.files.read_only_roots")[1] .. "/lib/"
local r = Tool.audio_processor { file_path = dir .. "tone.wav" }
local text = Tool.audio_processor { operation = "info", path = dir .. "text.mp3" }
return { metadata = r.data.metadata, output = r.output.sample_rate, text = text.data.metadata }
