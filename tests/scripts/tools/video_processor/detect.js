// The format is told by the content, whatever the name.
const dir = Config.get("security.files.read_only_roots")[0] + "/lib/";
const detect = async (file) => {
  const r = await Tool.video_processor({ operation: "detect", file_path: dir + file });
  const { file_path, ...data } = r.data;
  return { data, output: r.output, success: r.success };
};
export default { known: await detect("film.mp4"), text: await detect("text.mp4") };
