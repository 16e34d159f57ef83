-- Without ffmpeg, headers and covers can be read.
local r = Tool.video_processor { operation = "capabilities" }
return { data = r.data }
