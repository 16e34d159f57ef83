-- Loudness over time, and where it is silent.
local dir = Config.get("security.files.read_only_roots")[1] .. "/lib/"
local r = Tool.audio_processor { operation = "waveform", file_path = dir .. "tone.wav", points = 2 }
return { peaks = r.output, silence = r.data.silence, peak_db = r.data.peak_db }
