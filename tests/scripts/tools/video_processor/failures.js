// What needs ffmpeg says so, and what is not allowed stays so.
const dir = Config.get("security.files.read_only_roots")[0] + "/lib/";
const failure = (params) => Tool.video_processor(params).then(
  (r) => [r.success, r.error_kind],
  (raised) => ["raised", raised.kind],
);
export default {
  frame: await failure({ operation: "extract_frame", file_path: dir + "film.mp4", target_path: "/tmp/film.png" }),
  thumbnail: await failure({ operation: "thumbnail", file_path: dir + "film.mp4", target_path: "/tmp/film.png" }),
  convert: await failure({ operation: "convert", file_path: dir + "film.mp4", target_path: "/tmp/film.mkv" }),
  trim: await failure({ operation: "trim", file_path: dir + "film.mp4", target_path: "/tmp/film.mkv", end_seconds: 0.5 }),
  sound: await failure({ operation: "extract_audio", file_path: dir + "film.mp4", target_path: "/tmp/film.mp3" }),
  denied: await failure({ operation: "convert", file_path: dir + "film.mp4", target_path: dir + "film.mkv" }),
  missing: await failure({ operation: "frame", file_path: dir + "film.mp4", width: 5 }),
  unknown: await failure({ operation: "convert", file_path: dir + "text.mp4", target_path: "/tmp/film.mkv" }),
};
