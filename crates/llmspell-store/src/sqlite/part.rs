//! How a blob is cut into rows so that their pages get full.
//!
//! SQLite keeps up to 4,061 bytes of a row in a table's page. A row of 2,100 bytes would have a page of 4,096 for
//! itself, half of it empty. A longer row keeps a rest in the table's page and fills pages of its own with 4,092 bytes
//! each. So a blob becomes one row of as many whole pages as possible and some rows small enough to share a page.

/// Most bytes of a row that shares its page: four of them, with their headers, fill a page.
const SHARED: usize = 1000;

/// Bytes of a row with pages of its own that stay in the table's page, without the row's header.
const KEPT: usize = 484;

/// Bytes in a page of its own.
const WHOLE: usize = 4092;

/// Returns the rows of a blob, at least one, in their order.
pub(super) fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (head, rest) = bytes.split_at(head(bytes.len()));
    let rows = rest.len().div_ceil(SHARED);
    // Rows of the same length pack better than full ones and a short one.
    let rest = rest.chunks(rest.len().div_ceil(rows.max(1)).max(1));
    let alone = (!head.is_empty() || bytes.is_empty()).then_some(head);
    alone.into_iter().chain(rest)
}

/// Returns how many bytes of a blob go into the row with pages of its own.
fn head(len: usize) -> usize {
    let over = len.saturating_sub(KEPT);
    let whole = over - over % WHOLE;
    match over - whole {
        _ if whole == 0 => 0,
        rest if KEPT + rest <= SHARED => len,
        _ => KEPT + whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_typical_blobs() {
        let check = |len: usize, want: &[usize]| {
            let bytes = vec![7; len];
            assert_eq!(
                parts(&bytes).map(<[u8]>::len).collect::<Vec<_>>(),
                want,
                "{len}"
            );
        };
        check(0, &[0]);
        check(1, &[1]);
        check(1000, &[1000]);
        check(1001, &[501, 500]);
        check(4000, &[1000, 1000, 1000, 1000]);
        check(4576, &[4576]);
        check(5000, &[5000]);
        check(5120, &[4576, 544]);
        check(8667, &[4576, 819, 819, 819, 819, 815]);
        check(1_000_000, &[KEPT + 244 * WHOLE, 534, 534]);
    }

    #[test]
    fn parts_make_the_whole_in_few_rows() {
        let bytes: Vec<u8> = (0..20_000_u32).map(|index| (index % 251) as u8).collect();
        for len in 0..bytes.len() {
            let bytes = &bytes[..len];
            let rows: Vec<_> = parts(bytes).collect();
            assert_eq!(rows.concat(), bytes);
            assert!(
                (1..=6).contains(&rows.len()),
                "{len} bytes in {} rows",
                rows.len()
            );
        }
    }
}
