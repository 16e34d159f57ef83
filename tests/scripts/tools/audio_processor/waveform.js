// Loudness over time, and where it is silent.
const dir = Config.get("security.files.read_only_roots")[0] + "/lib/";
const r = await Tool.audio_processor({ operation: "waveform", file_path: dir + "tone.wav", points: 2 });
export default { peaks: r.output, silence: r.data.silence, peak_db: r.data.peak_db };
