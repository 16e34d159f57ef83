//! The allocator of the program: mimalloc.

use std::alloc::{GlobalAlloc, Layout};

use libmimalloc_sys as mi;

/// mimalloc. Memory that needs no other alignment than all memory of its size has is asked for without naming one: the
/// functions that take an alignment make a larger block and a place within it whenever a page has none at hand that was
/// freed elsewhere, which is slower to make and to free and happens with every fourth allocation of a call.
pub(crate) struct Allocator;

/// The alignment (bytes) that blocks of at least this size have.
///
/// Source: `MI_MAX_ALIGN_SIZE` in `include/mimalloc/types.h` of mimalloc 3, read on 2026-11-22; smaller blocks are aligned to
/// the size of a pointer.
const USUAL: usize = 16;

/// Returns whether every block of this size has the alignment.
const fn is_usual(size: usize, alignment: usize) -> bool {
    alignment <= size_of::<usize>() || (alignment <= USUAL && size >= USUAL)
}

// SAFETY: each function of mimalloc returns null or a block of its own of at least the size, aligned as asked or as `is_usual`
// says; `mi_free` and `mi_realloc` take blocks of all of them. Nothing here unwinds.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (size, alignment) = (layout.size(), layout.align());
        // SAFETY: mimalloc takes any size, and any power of two as alignment.
        unsafe {
            match is_usual(size, alignment) {
                true => mi::mi_malloc(size).cast(),
                false => mi::mi_malloc_aligned(size, alignment).cast(),
            }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let (size, alignment) = (layout.size(), layout.align());
        // SAFETY: as above.
        unsafe {
            match is_usual(size, alignment) {
                true => mi::mi_zalloc(size).cast(),
                false => mi::mi_zalloc_aligned(size, alignment).cast(),
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let (block, alignment) = (block.cast(), layout.align());
        // SAFETY: as above; by contract the block is one of ours.
        unsafe {
            match is_usual(size, alignment) {
                true => mi::mi_realloc(block, size).cast(),
                false => mi::mi_realloc_aligned(block, size, alignment).cast(),
            }
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: by contract the block is one of ours.
        unsafe { mi::mi_free(block.cast()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_the_alignment_that_was_asked_for() {
        for alignment in (0..13).map(|power| 1 << power) {
            for size in (1..200).chain([1000, 1024, 1025, 4096, 70_000, 1 << 20]) {
                let layout = Layout::from_size_align(size, alignment).unwrap();
                let larger = Layout::from_size_align(size * 3, alignment).unwrap();
                // SAFETY: the size is not zero, and each block is freed once with the layout that it has then.
                unsafe {
                    let (first, second) = (Allocator.alloc(layout), Allocator.alloc_zeroed(layout));
                    let empty = std::slice::from_raw_parts(second, size);
                    assert!(empty.iter().all(|byte| *byte == 0));
                    first.write_bytes(7, size);
                    let grown = Allocator.realloc(first, layout, larger.size());
                    let kept = std::slice::from_raw_parts(grown, size);
                    assert!(kept.iter().all(|byte| *byte == 7));
                    for block in [second, grown] {
                        assert_eq!(block.addr() % alignment, 0, "{size} {alignment}");
                    }
                    Allocator.dealloc(second, layout);
                    Allocator.dealloc(grown, larger);
                }
            }
        }
    }
}
