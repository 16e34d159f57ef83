// Without ffmpeg, headers and covers can be read.
const r = await Tool.video_processor({ operation: "capabilities" });
export default { data: r.data };
