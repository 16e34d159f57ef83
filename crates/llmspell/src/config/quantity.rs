//! Sizes and times as people write them.

/// Reads a number of bytes: `10MB`, `512 KiB`, `2048`.
///
/// `KB MB GB TB` count in thousands, `KiB MiB GiB TiB` in 1024.
pub fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return None,
    };
    whole(number * factor as f64)
}

/// Reads a time in milliseconds: `250ms`, `30s`, `5m`, `2h`, `7d`.
///
/// A number without a unit counts `plain` milliseconds.
pub fn milliseconds(text: &str, plain: u64) -> Option<u64> {
    let (number, unit) = split(text)?;
    let factor: u64 = match unit {
        "" => plain,
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    whole(number * factor as f64)
}

fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'))
        .unwrap_or(text.len());
    let number: f64 = text[..end].replace('_', "").parse().ok()?;
    Some((number, text[end..].trim()))
}

fn whole(number: f64) -> Option<u64> {
    (number.is_finite() && (0.0..9.0e18).contains(&number)).then(|| number.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(bytes("10MB"), Some(10_000_000));
        assert_eq!(bytes("512KiB"), Some(524_288));
        assert_eq!(bytes("1.5 GiB"), Some(1_610_612_736));
        assert_eq!(bytes("4096"), Some(4096));
        assert_eq!(bytes("0"), Some(0));
        for wrong in ["", "MB", "10 XB", "-5", "1e3", "10m"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times() {
        assert_eq!(milliseconds("30s", 1), Some(30_000));
        assert_eq!(milliseconds("250ms", 1), Some(250));
        assert_eq!(milliseconds("5m", 1), Some(300_000));
        assert_eq!(milliseconds("2h", 1), Some(7_200_000));
        assert_eq!(milliseconds("7d", 1), Some(604_800_000));
        assert_eq!(milliseconds("1.5", 1_000), Some(1_500));
        assert_eq!(milliseconds("20", 1), Some(20));
        for wrong in ["", "s", "10 weeks", "-1s"] {
            assert_eq!(milliseconds(wrong, 1), None, "{wrong}");
        }
    }
}
