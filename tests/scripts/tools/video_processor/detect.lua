-- The format is told by the content, whatever the name.
local dir = Config.get("security.files.read_only_roots")[1] .. "/lib/"
local function detect(file)
  local r = Tool.video_processor { operation = "detect", file_path = dir .. file }
  r.data.file_path = nil
  return { data = r.data, output = r.output, success = r.success }
end
return { known = detect("film.mp4"), text = detect("text.mp4") }
