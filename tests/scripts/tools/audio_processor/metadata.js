// The form of the sound; what is no sound is no failure.
const dir = Config.get("security.files.read_only_roots")[0] + "/lib/";
const r = await Tool.audio_processor({ file_path: dir + "tone.wav" });
const text = await Tool.audio_processor({ operation: "info", path: dir + "text.mp3" });
export default { metadata: r.data.metadata, output: r.output.sample_rate, text: text.data.metadata };
