//! A picture from a file: frames as an encoder made them, over and over.
//!
//! Two formats that say nothing but that: IVF with VP8, and H.264 as a byte stream (Annex B). A file is
//! read whole before anything is sent, and one that is not right is refused with the byte at which it
//! is not.

mod annex_b;
mod ivf;

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};

use crate::args::Codec;

/// A file that is sent.
#[derive(Debug)]
pub(crate) struct Clip {
    pub(crate) codec: Codec,
    bytes: Vec<u8>,
    /// At least one, and the first is a key frame.
    frames: Vec<Frame>,
    /// When the first frame comes again.
    pub(crate) length: Duration,
}

/// One frame of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Counted from the first one.
    pub(crate) at: Duration,
    pub(crate) key: bool,
    /// Where its parts lie in the file, none of them empty: the whole frame (VP8), or its NAL units (H.264).
    parts: Vec<Range<usize>>,
}

/// What is wrong with a file, and at which byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) what: &'static str,
}

impl Clip {
    /// Reads a file. A byte stream does not say how many pictures there are in a second: `fps`.
    pub(crate) fn read(path: &Path, fps: u32) -> anyhow::Result<Self> {
        let size = std::fs::metadata(path).map(|about| about.len());
        let bytes = match size {
            Ok(size) if size > MAX_BYTES => Err(anyhow!("it is larger than {MAX_BYTES} bytes")),
            _ => std::fs::read(path).map_err(Into::into),
        };
        let read = bytes.and_then(|bytes| Self::of(bytes, fps));
        read.with_context(|| format!("--file {}", path.display()))
    }

    fn of(bytes: Vec<u8>, fps: u32) -> anyhow::Result<Self> {
        let each = Duration::from_secs(1) / fps.max(1);
        let read = if bytes.starts_with(ivf::MARK) {
            ivf::frames(&bytes).map(|frames| (Codec::Vp8, frames))
        } else if annex_b::begins(&bytes) {
            annex_b::frames(&bytes, each).map(|frames| (Codec::H264, frames))
        } else {
            bail!("byte 0: neither IVF (`DKIF`) nor H.264 as a byte stream (00 00 01)")
        };
        let (codec, frames) = read.map_err(|fault| anyhow!("byte {}: {}", fault.at, fault.what))?;
        let last = frames.last().map_or(Duration::ZERO, |frame| frame.at);
        let gaps = u32::try_from(frames.len().saturating_sub(1)).unwrap_or(u32::MAX);
        // The last frame stays as long as they do on average.
        let length = last + last.checked_div(gaps).unwrap_or(each);
        Ok(Self { codec, bytes, frames, length })
    }

    /// One of them, counted on behind the last one.
    pub(crate) fn frame(&self, number: usize) -> Option<&Frame> {
        self.frames.get(number % self.frames.len().max(1))
    }

    /// From one frame to the next.
    pub(crate) fn gap(&self, number: usize) -> Duration {
        let place = number % self.frames.len().max(1);
        let at = |place: usize| self.frames.get(place).map(|frame| frame.at);
        let next = at(place + 1).unwrap_or(self.length);
        next.saturating_sub(at(place).unwrap_or_default())
    }

    /// The parts of a frame.
    pub(crate) fn parts<'a>(&'a self, frame: &'a Frame) -> impl Iterator<Item = &'a [u8]> {
        frame.parts.iter().filter_map(|part| self.bytes.get(part.clone()))
    }
}

impl Fault {
    fn new(at: usize, what: &'static str) -> Self {
        Self { at, what }
    }
}

/// Frames come at most so close upon each other.
const MIN_GAP: Duration = Duration::from_millis(1);

/// And at most so far behind: a picture that stands for longer would count as lost.
const MAX_GAP: Duration = Duration::from_secs(10);

/// A file is held in memory: minutes of a high bit rate.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A clip of VP8.
    pub(crate) fn two_frames() -> Clip {
        Clip::of(ivf::tests::file(&[(0, true), (30, false)]), 30).unwrap()
    }

    #[test]
    fn what_is_no_clip_is_said_to_be_none() {
        for bytes in [&b""[..], b"DKI", b"RIFF....", &[0, 0, 2]] {
            let fault = Clip::of(bytes.to_vec(), 30).unwrap_err().to_string();
            assert!(fault.starts_with("byte 0: neither"), "{fault}");
        }
        let missing = Clip::read(Path::new("/nowhere.ivf"), 30).unwrap_err();
        assert!(format!("{missing:#}").contains("/nowhere.ivf"));
    }

    #[test]
    fn a_clip_goes_on_with_its_first_frame_behind_its_last() {
        let clip = Clip::of(ivf::tests::file(&[(0, true), (30, false), (90, false)]), 1).unwrap();
        assert_eq!((clip.codec, clip.frames.len()), (Codec::Vp8, 3));
        assert_eq!(clip.length, Duration::from_millis(135));
        let gaps = [0, 1, 2, 3].map(|number| clip.gap(number).as_millis());
        assert_eq!(gaps, [30, 60, 45, 30]);
        assert_eq!(clip.frame(3), clip.frame(0));
    }

    #[test]
    fn nothing_that_a_file_may_hold_is_more_than_a_fault() {
        let whole = ivf::tests::file(&[(0, true), (30, false)]);
        let stream = annex_b::tests::STREAM.to_vec();
        for good in [whole, stream] {
            for place in 0..good.len() {
                let _ = Clip::of(good[..place].to_vec(), 30);
                for value in [0, 1, 0x7f, 0xff] {
                    let mut bytes = good.clone();
                    bytes[place] = value;
                    let Ok(clip) = Clip::of(bytes, 30) else { continue };
                    for number in 0..clip.frames.len() {
                        assert!(clip.gap(number) >= MIN_GAP, "byte {place} is {value}");
                        let frame = clip.frame(number).unwrap();
                        assert!(clip.parts(frame).all(|part| !part.is_empty()));
                    }
                }
            }
        }
    }
}
