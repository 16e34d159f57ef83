// What is not allowed, not there or not possible without ffmpeg.
const dir = Config.get("security.files.read_only_roots")[0] + "/lib/";
const failure = (params) => Tool.audio_processor(params).then(
  (r) => [r.success, r.error_kind],
  (raised) => ["raised", raised.kind],
);
export default {
  convert: await failure({ operation: "convert", source_path: dir + "tone.wav", target_path: dir + "tone.flac" }),
  mp3: await failure({ operation: "convert", source_path: dir + "tone.wav", target_path: "/tmp/tone.mp3" }),
  trim: await failure({ operation: "trim", source_path: dir + "tone.wav", target_path: "/tmp/tone.wav" }),
  tag: await failure({ operation: "tag", file_path: dir + "tone.wav", tags: { title: "x" } }),
  cover: await failure({ operation: "cover", file_path: dir + "tone.wav", target_path: "/tmp/tone.png" }),
  unknown: await failure({ operation: "waveform", file_path: dir + "text.mp3" }),
  span: await failure({ operation: "trim", source_path: dir + "tone.wav", target_path: "/tmp/tone.wav", start_seconds: 1, end_seconds: 1 }),
};
