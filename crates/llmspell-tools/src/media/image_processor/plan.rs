//! What the worker is asked to do with a picture.

use serde::{Deserialize, Serialize};

/// A request whose values were checked, beside the bytes of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) step: Step,
    /// The format of the result; that of the source if absent.
    pub(super) target: Option<String>,
    /// Of lossy formats, 1 to 100.
    pub(super) quality: u8,
    pub(super) auto_orient: bool,
    pub(super) strip_metadata: bool,
    /// What shows through where nothing is, red, green, blue, opacity.
    pub(super) background: Option<[u8; 4]>,
    pub(super) max_pixels: u64,
}

/// What to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    Facts {
        gps: bool,
    },
    Convert {},
    Resize(Size),
    Crop(Area),
    Rotate {
        degrees: f64,
    },
    Flip {
        horizontal: bool,
    },
    Filter {
        name: String,
        amount: Option<f64>,
    },
    Compose {
        x: i64,
        y: i64,
        opacity: f64,
    },
    /// Shrinks the picture if it must be, and leaves the file as it is if it can be.
    Encode {
        max_width: Option<u32>,
        max_height: Option<u32>,
    },
}

impl Step {
    /// Returns whether every frame of an animation is changed, not the first alone.
    pub(super) fn is_for_all_frames(&self) -> bool {
        matches!(self, Self::Resize(_) | Self::Crop(_))
    }
}

/// A part of a picture.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Area {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// How large a picture is to become.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Size {
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
    pub(super) fit: Fit,
    pub(super) upscale: bool,
    pub(super) algorithm: Algorithm,
}

/// How a picture fills the size that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fit {
    /// All of it is inside.
    Contain,
    /// It fills the size; what stands out is cut off on both sides.
    Cover,
    /// Its sides are what is asked for, whatever its proportions.
    Stretch,
}

/// How pixels are made of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Algorithm {
    Lanczos3,
    Bilinear,
    Nearest,
}

/// Longest side of a result, in pixels.
pub(super) const MAX_SIDE: u32 = 16_384;

impl Size {
    /// Returns the size to which a picture of `width` by `height` is scaled, and then cut.
    pub(super) fn of(&self, width: u32, height: u32) -> ((u32, u32), (u32, u32)) {
        let (w, h) = (f64::from(width), f64::from(height));
        let across = self.width.map(|asked| f64::from(asked) / w);
        let down = self.height.map(|asked| f64::from(asked) / h);
        let most = if self.upscale { f64::INFINITY } else { 1.0 };
        let scaled = |across: f64, down: f64| {
            let side = |side: f64, by: f64| (side * by.min(most)).round().clamp(1.0, 4e9) as u32;
            (side(w, across), side(h, down))
        };
        let size = match (across, down, self.fit) {
            (Some(across), Some(down), Fit::Contain) => {
                let by = across.min(down);
                scaled(by, by)
            }
            (Some(across), Some(down), Fit::Cover) => {
                let by = across.max(down);
                scaled(by, by)
            }
            (across, down, Fit::Stretch) => scaled(across.unwrap_or(1.0), down.unwrap_or(1.0)),
            (Some(by), None, _) | (None, Some(by), _) => scaled(by, by),
            (None, None, _) => (width, height),
        };
        let cut = match self.fit {
            Fit::Cover => (
                self.width.map_or(size.0, |asked| asked.min(size.0)),
                self.height.map_or(size.1, |asked| asked.min(size.1)),
            ),
            _ => size,
        };
        (size, cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32, fit: Fit, upscale: bool) -> ((u32, u32), (u32, u32)) {
        let side = |side: u32| (side > 0).then_some(side);
        let size = Size {
            width: side(width),
            height: side(height),
            fit,
            upscale,
            algorithm: Algorithm::Lanczos3,
        };
        size.of(400, 300)
    }

    #[test]
    fn proportions_are_kept_inside_the_box() {
        assert_eq!(size(200, 0, Fit::Contain, true).1, (200, 150));
        assert_eq!(size(0, 600, Fit::Contain, true).1, (800, 600));
        assert_eq!(size(200, 200, Fit::Contain, true).1, (200, 150));
        assert_eq!(size(1, 1, Fit::Contain, true).1, (1, 1));
        assert_eq!(size(4000, 4000, Fit::Contain, false).1, (400, 300));
    }

    #[test]
    fn a_box_is_filled_or_stretched() {
        assert_eq!(size(200, 200, Fit::Cover, true), ((267, 200), (200, 200)));
        assert_eq!(size(500, 200, Fit::Cover, false), ((400, 300), (400, 200)));
        assert_eq!(size(200, 200, Fit::Stretch, true).1, (200, 200));
        assert_eq!(size(200, 0, Fit::Stretch, true).1, (200, 300));
    }
}
