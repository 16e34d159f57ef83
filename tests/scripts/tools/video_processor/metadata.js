// The header of the file; what is no video is no failure.
const dir = Config.get("security.files.read_only_roots")[0] + "/lib/";
const r = await Tool.video_processor({ file_path: dir + "film.mp4" });
const m = r.data.metadata;
const text = await Tool.video_processor({ operation: "info", path: dir + "text.mp4" });
export default {
  format: m.format, duration: m.duration, resolution: m.resolution, fps: m.fps, rotation: m.rotation,
  video_codec: m.video_codec, audio_codec: m.audio_codec, audio_channels: m.audio_channels,
  audio_sample_rate: m.audio_sample_rate, streams: m.streams.length, title: m.tags.title, text: text.data.metadata,
};
