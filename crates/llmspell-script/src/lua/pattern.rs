//! Lua's pattern matching with a limit on its steps, since a pattern that backtracks can run for hours.
//!
//! The algorithm and its errors are those of Lua 5.4's own string library.

/// Most captures in a pattern.
pub(super) const MAX_CAPTURES: usize = 32;
/// Deepest recursion of the matcher.
const MAX_DEPTH: u32 = 200;
/// Steps between two looks at the clock.
const SLICE: u32 = 20_000;

/// Why matching cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The pattern is not well-formed; the text is Lua's.
    Malformed(&'static str),
    /// The pattern refers to a capture that does not exist.
    Capture(u32),
    /// The match took too many steps.
    Steps,
    /// The run was asked to stop.
    Stopped,
}

/// A part of the subject that the pattern asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capture {
    /// From the offset on, so many bytes.
    Text(usize, usize),
    /// The offset itself.
    Position(usize),
    /// The closing bracket was not reached.
    Open(usize),
}

/// Says how many steps one call may take and whether the run goes on.
pub(super) struct Budget {
    left: u64,
    slice: u32,
    go_on: fn(u32) -> bool,
}

impl Budget {
    /// Allows some steps for a subject of this length; `go_on` is asked now and then with the steps taken since.
    pub(super) fn new(subject: usize, go_on: fn(u32) -> bool) -> Self {
        Self {
            left: 10_000_000 + 100 * subject as u64,
            slice: SLICE,
            go_on,
        }
    }

    fn step(&mut self) -> Result<(), Fault> {
        self.slice -= 1;
        if self.slice == 0 {
            self.slice = SLICE;
            self.left = self
                .left
                .checked_sub(u64::from(SLICE))
                .ok_or(Fault::Steps)?;
            if !(self.go_on)(SLICE) {
                return Err(Fault::Stopped);
            }
        }
        Ok(())
    }
}

/// One attempt after the other to match a pattern against a subject.
pub(super) struct Matcher<'a> {
    subject: &'a [u8],
    pattern: &'a [u8],
    budget: &'a mut Budget,
    depth: u32,
    level: usize,
    captures: [Capture; MAX_CAPTURES],
}

impl<'a> Matcher<'a> {
    pub(super) fn new(subject: &'a [u8], pattern: &'a [u8], budget: &'a mut Budget) -> Self {
        Self {
            subject,
            pattern,
            budget,
            depth: MAX_DEPTH,
            level: 0,
            captures: [Capture::Open(0); MAX_CAPTURES],
        }
    }

    /// Matches the pattern at the offset `start` and returns the offset behind the match.
    pub(super) fn attempt(&mut self, start: usize) -> Result<Option<usize>, Fault> {
        self.depth = MAX_DEPTH;
        self.level = 0;
        self.run(start, 0)
    }

    /// Returns how many values the last match gives: its captures, or the whole match.
    pub(super) fn count(&self) -> usize {
        self.level.max(1)
    }

    /// Returns how many captures the last match has.
    pub(super) fn level(&self) -> usize {
        self.level
    }

    /// Returns the capture `index` of the last match, which went from `start` to `end`.
    pub(super) fn capture(&self, index: usize, start: usize, end: usize) -> Result<Capture, Fault> {
        if index >= self.level {
            return match index {
                0 => Ok(Capture::Text(start, end - start)),
                _ => Err(Fault::Capture(index as u32 + 1)),
            };
        }
        match self.captures[index] {
            Capture::Open(_) => Err(Fault::Malformed("unfinished capture")),
            capture => Ok(capture),
        }
    }

    /// The byte of the pattern at `at`; 0 behind its end, as in C.
    fn pat(&self, at: usize) -> u8 {
        self.pattern.get(at).copied().unwrap_or(0)
    }

    /// The byte of the subject at `at`; 0 behind its end.
    fn sub(&self, at: usize) -> u8 {
        self.subject.get(at).copied().unwrap_or(0)
    }

    fn run(&mut self, mut s: usize, mut p: usize) -> Result<Option<usize>, Fault> {
        if self.depth == 0 {
            return Err(Fault::Malformed("pattern too complex"));
        }
        self.depth -= 1;
        let outcome = loop {
            self.budget.step()?;
            if p >= self.pattern.len() {
                break Some(s);
            }
            match self.pattern[p] {
                b'(' if self.pat(p + 1) == b')' => {
                    break self.open_capture(s, p + 2, Capture::Position(s))?;
                }
                b'(' => break self.open_capture(s, p + 1, Capture::Open(s))?,
                b')' => break self.close_capture(s, p + 1)?,
                b'$' if p + 1 == self.pattern.len() => {
                    break (s == self.subject.len()).then_some(s);
                }
                b'%' => match self.pat(p + 1) {
                    b'b' => match self.balance(s, p + 2)? {
                        Some(end) => (s, p) = (end, p + 4),
                        None => break None,
                    },
                    b'f' => {
                        p += 2;
                        if self.pat(p) != b'[' {
                            return Err(Fault::Malformed("missing '[' after '%f' in pattern"));
                        }
                        let end = self.class_end(p)?;
                        let before = if s == 0 { 0 } else { self.sub(s - 1) };
                        if self.in_set(before, p, end - 1) || !self.in_set(self.sub(s), p, end - 1)
                        {
                            break None;
                        }
                        p = end;
                    }
                    digit @ b'0'..=b'9' => match self.back_reference(s, digit)? {
                        Some(end) => (s, p) = (end, p + 2),
                        None => break None,
                    },
                    _ => match self.single(&mut s, &mut p)? {
                        Turn::Again => {}
                        Turn::Done(outcome) => break outcome,
                    },
                },
                _ => match self.single(&mut s, &mut p)? {
                    Turn::Again => {}
                    Turn::Done(outcome) => break outcome,
                },
            }
        };
        self.depth += 1;
        Ok(outcome)
    }

    /// Matches one character class with its repetition.
    fn single(&mut self, s: &mut usize, p: &mut usize) -> Result<Turn, Fault> {
        let end = self.class_end(*p)?;
        let repetition = self.pat(end);
        if !self.matches_one(*s, *p, end) {
            if matches!(repetition, b'*' | b'?' | b'-') {
                *p = end + 1;
                return Ok(Turn::Again);
            }
            return Ok(Turn::Done(None));
        }
        match repetition {
            b'?' => {
                if let Some(found) = self.run(*s + 1, end + 1)? {
                    return Ok(Turn::Done(Some(found)));
                }
                *p = end + 1;
            }
            b'+' => return self.longest(*s + 1, *p, end).map(Turn::Done),
            b'*' => return self.longest(*s, *p, end).map(Turn::Done),
            b'-' => return self.shortest(*s, *p, end).map(Turn::Done),
            _ => {
                *s += 1;
                *p = end;
            }
        }
        Ok(Turn::Again)
    }

    fn longest(&mut self, s: usize, p: usize, end: usize) -> Result<Option<usize>, Fault> {
        let mut count = 0;
        while self.matches_one(s + count, p, end) {
            self.budget.step()?;
            count += 1;
        }
        loop {
            if let Some(found) = self.run(s + count, end + 1)? {
                return Ok(Some(found));
            }
            if count == 0 {
                return Ok(None);
            }
            count -= 1;
        }
    }

    fn shortest(&mut self, mut s: usize, p: usize, end: usize) -> Result<Option<usize>, Fault> {
        loop {
            if let Some(found) = self.run(s, end + 1)? {
                return Ok(Some(found));
            }
            if !self.matches_one(s, p, end) {
                return Ok(None);
            }
            s += 1;
        }
    }

    fn open_capture(
        &mut self,
        s: usize,
        p: usize,
        capture: Capture,
    ) -> Result<Option<usize>, Fault> {
        if self.level >= MAX_CAPTURES {
            return Err(Fault::Malformed("too many captures"));
        }
        self.captures[self.level] = capture;
        self.level += 1;
        let found = self.run(s, p)?;
        if found.is_none() {
            self.level -= 1;
        }
        Ok(found)
    }

    fn close_capture(&mut self, s: usize, p: usize) -> Result<Option<usize>, Fault> {
        let open = (0..self.level)
            .rev()
            .find_map(|index| match self.captures[index] {
                Capture::Open(start) => Some((index, start)),
                _ => None,
            });
        let Some((index, start)) = open else {
            return Err(Fault::Malformed("invalid pattern capture"));
        };
        self.captures[index] = Capture::Text(start, s - start);
        let found = self.run(s, p)?;
        if found.is_none() {
            self.captures[index] = Capture::Open(start);
        }
        Ok(found)
    }

    fn back_reference(&mut self, s: usize, digit: u8) -> Result<Option<usize>, Fault> {
        let number = u32::from(digit - b'0');
        let index = number.wrapping_sub(1) as usize;
        if index >= self.level {
            return Err(Fault::Capture(number));
        }
        match self.captures[index] {
            Capture::Open(_) => Err(Fault::Capture(number)),
            Capture::Position(_) => Ok(None),
            Capture::Text(start, len) => {
                let wanted = &self.subject[start..start + len];
                Ok(self.subject[s..].starts_with(wanted).then_some(s + len))
            }
        }
    }

    fn balance(&mut self, mut s: usize, p: usize) -> Result<Option<usize>, Fault> {
        if p + 1 >= self.pattern.len() {
            return Err(Fault::Malformed(
                "malformed pattern (missing arguments to '%b')",
            ));
        }
        let (open, close) = (self.pattern[p], self.pattern[p + 1]);
        if self.sub(s) != open {
            return Ok(None);
        }
        let mut nested = 1;
        s += 1;
        while s < self.subject.len() {
            self.budget.step()?;
            let byte = self.subject[s];
            if byte == close {
                nested -= 1;
                if nested == 0 {
                    return Ok(Some(s + 1));
                }
            } else if byte == open {
                nested += 1;
            }
            s += 1;
        }
        Ok(None)
    }

    fn class_end(&self, mut p: usize) -> Result<usize, Fault> {
        let first = self.pat(p);
        p += 1;
        match first {
            b'%' if p >= self.pattern.len() => {
                Err(Fault::Malformed("malformed pattern (ends with '%')"))
            }
            b'%' => Ok(p + 1),
            b'[' => {
                if self.pat(p) == b'^' {
                    p += 1;
                }
                loop {
                    if p >= self.pattern.len() {
                        return Err(Fault::Malformed("malformed pattern (missing ']')"));
                    }
                    let byte = self.pattern[p];
                    p += 1;
                    if byte == b'%' && p < self.pattern.len() {
                        p += 1;
                    }
                    if self.pat(p) == b']' {
                        return Ok(p + 1);
                    }
                }
            }
            _ => Ok(p),
        }
    }

    fn matches_one(&self, s: usize, p: usize, end: usize) -> bool {
        let Some(&byte) = self.subject.get(s) else {
            return false;
        };
        match self.pat(p) {
            b'.' => true,
            b'%' => in_class(byte, self.pat(p + 1)),
            b'[' => self.in_set(byte, p, end - 1),
            literal => literal == byte,
        }
    }

    /// Whether the set that starts at `p` and whose `]` is at `last` holds `byte`.
    fn in_set(&self, byte: u8, mut p: usize, last: usize) -> bool {
        let mut inside = true;
        if self.pat(p + 1) == b'^' {
            inside = false;
            p += 1;
        }
        loop {
            p += 1;
            if p >= last {
                return !inside;
            }
            if self.pat(p) == b'%' {
                p += 1;
                if in_class(byte, self.pat(p)) {
                    return inside;
                }
            } else if self.pat(p + 1) == b'-' && p + 2 < last {
                p += 2;
                if (self.pat(p - 2)..=self.pat(p)).contains(&byte) {
                    return inside;
                }
            } else if self.pat(p) == byte {
                return inside;
            }
        }
    }
}

enum Turn {
    Again,
    Done(Option<usize>),
}

fn in_class(byte: u8, class: u8) -> bool {
    let found = match class.to_ascii_lowercase() {
        b'a' => byte.is_ascii_alphabetic(),
        b'c' => byte.is_ascii_control(),
        b'd' => byte.is_ascii_digit(),
        b'g' => byte.is_ascii_graphic(),
        b'l' => byte.is_ascii_lowercase(),
        b'p' => byte.is_ascii_punctuation(),
        b's' => matches!(byte, b' ' | b'\t'..=b'\r'),
        b'u' => byte.is_ascii_uppercase(),
        b'w' => byte.is_ascii_alphanumeric(),
        b'x' => byte.is_ascii_hexdigit(),
        b'z' => byte == 0,
        _ => return class == byte,
    };
    found != class.is_ascii_uppercase()
}

/// Returns whether a pattern has no special characters, so that it stands for itself.
pub(super) fn is_plain(pattern: &[u8]) -> bool {
    !pattern.iter().any(|byte| b"^$*+?.([%-".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(subject: &str, pattern: &str) -> Result<Option<(usize, usize)>, Fault> {
        let mut budget = Budget::new(subject.len(), |_| true);
        let mut matcher = Matcher::new(subject.as_bytes(), pattern.as_bytes(), &mut budget);
        for start in 0..=subject.len() {
            if let Some(end) = matcher.attempt(start)? {
                return Ok(Some((start, end)));
            }
        }
        Ok(None)
    }

    #[test]
    fn matches_like_the_manual_says() {
        assert_eq!(find("key = value", "(%w+)%s*=%s*(%w+)"), Ok(Some((0, 11))));
        assert_eq!(find("THE (quick) fox", "%((%a+)%)"), Ok(Some((4, 11))));
        assert_eq!(find("f(a(b)c)d", "%b()"), Ok(Some((1, 8))));
        assert_eq!(find("THE (quick) fox", "%f[%a]%a+%f[%A]"), Ok(Some((0, 3))));
        assert_eq!(find("x", "y"), Ok(None));
    }

    #[test]
    fn backtracking_ends_at_the_limit() {
        let (subject, pattern) = ("a".repeat(40), "a?".repeat(40) + &"a".repeat(40) + "b");
        assert_eq!(find(&subject, &pattern), Err(Fault::Steps));
    }

    #[test]
    fn stopping_is_noticed() {
        let mut budget = Budget::new(0, |_| false);
        let (subject, pattern) = (b"a".repeat(30), "a?".repeat(30) + &"a".repeat(30) + "b");
        let mut matcher = Matcher::new(&subject, pattern.as_bytes(), &mut budget);
        assert_eq!(matcher.attempt(0), Err(Fault::Stopped));
    }
}
