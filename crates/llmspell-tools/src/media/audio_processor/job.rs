//! What the worker does with sound.

use llmspell_core::{Result, Value, error};
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};

use super::codec::Coding;
use super::tag;
use crate::job::Job;

pub(in super::super) const JOBS: &[Job] = &[
    Job {
        name: "audio_processor.decode",
        run: decode,
    },
    Job {
        name: "audio_processor.tags",
        run: tag::read,
    },
    Job {
        name: "audio_processor.tag",
        run: tag::write,
    },
];

/// Most samples that one request may decode to.
const MAX_SAMPLES: usize = 24 << 20;

/// Takes what a decoder must know, the `data` of packets, and in `packets` length, duration and the frames to cut at
/// both ends of each; `skip` says how many of them only warm the decoder up.
///
/// Answers with `samples` of 32 bits, the least byte first, channels in turn.
fn decode(input: Value) -> Result<Value> {
    let Value::Map(input) = input else {
        return Err(error!(
            InvalidArgs,
            "a job of audio_processor has no members"
        ));
    };
    let coding = Coding::from_map(&input)?;
    let Some(Value::Bytes(data)) = input.get("data") else {
        return Err(error!(InvalidArgs, "a job of audio_processor has no data"));
    };
    let numbers = input.get("packets").and_then(Value::as_list).unwrap_or(&[]);
    let skip = input.get("skip").and_then(Value::as_int).unwrap_or(0);
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(coding.params(), &AudioDecoderOptions::default())
        .map_err(|cause| {
            error!(
                Unavailable,
                "this build cannot decode the codec '{}': {cause}", coding.name
            )
            .with("codec", coding.name)
        })?;
    let mut rest = data.as_slice();
    let mut samples: Vec<u8> = Vec::new();
    let mut block: Vec<i32> = Vec::new();
    let mut form = None;
    let mut damaged = 0;
    let mut start = 0;
    for (index, packet) in numbers.as_chunks::<4>().0.iter().enumerate() {
        let [length, duration, trim_start, trim_end] = packet.each_ref().map(|number| {
            number
                .as_int()
                .and_then(|number| u64::try_from(number).ok())
                .unwrap_or(0)
        });
        let Some((bytes, next)) = rest.split_at_checked(length as usize) else {
            return Err(error!(InvalidArgs, "a job of audio_processor lacks data"));
        };
        rest = next;
        let mut packet = PacketRef::new(0, Timestamp::new(start), Duration::new(duration), bytes);
        start = start.saturating_add_unsigned(duration);
        packet.trim_start = Duration::new(trim_start);
        packet.trim_end = Duration::new(trim_end);
        let is_kept = index as i64 >= skip;
        let Ok(decoded) = decoder.decode_ref(&packet) else {
            damaged += u64::from(is_kept);
            continue;
        };
        if !is_kept || decoded.frames() == 0 {
            continue;
        }
        let own = (decoded.spec().rate(), decoded.spec().channels().count());
        if *form.get_or_insert(own) != own {
            // The sound changes its form: what follows is another one.
            damaged += 1;
            continue;
        }
        decoded.copy_to_vec_interleaved(&mut block);
        if samples.len() / 4 + block.len() > MAX_SAMPLES {
            return Err(error!(
                Limit,
                "a few packets decode to more than {MAX_SAMPLES} samples"
            ));
        }
        samples.extend(block.iter().flat_map(|sample| sample.to_le_bytes()));
    }
    let (rate, channels) = form.unwrap_or_default();
    Ok(Value::from([
        ("samples", Value::Bytes(samples)),
        ("rate", rate.into()),
        ("channels", channels.into()),
        ("damaged", damaged.into()),
    ]))
}
