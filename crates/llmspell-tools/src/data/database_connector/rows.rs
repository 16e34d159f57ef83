//! Rows that come back, up to a limit.

use llmspell_core::{Map, Value};

use crate::plain::weight;

/// How much of a result is taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Most rows (count).
    pub(super) rows: usize,
    /// Rows that are left out first (count).
    pub(super) skip: usize,
    /// Most bytes, about.
    pub(super) bytes: usize,
}

/// A column of a result.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) data_type: Option<String>,
    pub(super) nullable: Option<bool>,
}

/// What a statement gave.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Value>,
    pub(super) truncated: bool,
    /// Rows that the statement changed (count).
    pub(super) affected: u64,
    pub(super) last_insert_id: Option<Value>,
}

/// Rows on their way in.
pub(super) struct Rows {
    columns: Vec<Column>,
    rows: Vec<Value>,
    limits: Limits,
    skipped: usize,
    bytes: usize,
    truncated: bool,
}

impl Rows {
    /// Prepares for rows of these columns; names that occur twice get a number.
    pub(super) fn new(mut columns: Vec<Column>, limits: Limits) -> Self {
        for index in 0..columns.len() {
            let (before, rest) = columns.split_at_mut(index);
            let column = &mut rest[0];
            let base = column.name.clone();
            let mut count = 1;
            while before.iter().any(|known| known.name == column.name) {
                count += 1;
                column.name = format!("{base}_{count}");
            }
        }
        Self {
            columns,
            rows: Vec::new(),
            limits,
            skipped: 0,
            bytes: 0,
            truncated: false,
        }
    }

    /// Returns whether no further row is taken. The next one that comes tells that there are more.
    pub(super) fn is_cut(&self) -> bool {
        self.truncated
    }

    /// Takes a row, unless there are enough. `cells` is asked only for rows that are taken.
    pub(super) fn push<E>(
        &mut self,
        cells: impl FnOnce() -> Result<Vec<Value>, E>,
    ) -> Result<(), E> {
        if self.skipped < self.limits.skip {
            self.skipped += 1;
            return Ok(());
        }
        if self.truncated || self.rows.len() >= self.limits.rows {
            self.truncated = true;
            return Ok(());
        }
        let names = self.columns.iter().map(|column| column.name.clone());
        let row = Value::Map(names.zip(cells()?).collect::<Map>());
        self.bytes += weight(&row);
        if self.bytes > self.limits.bytes && !self.rows.is_empty() {
            self.truncated = true;
            return Ok(());
        }
        self.rows.push(row);
        Ok(())
    }

    /// Returns what came.
    pub(super) fn finish(self) -> Answer {
        Answer {
            columns: self.columns,
            rows: self.rows,
            truncated: self.truncated,
            ..Answer::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_skipped_and_cut() {
        let column = |name: &str| Column {
            name: name.to_owned(),
            data_type: None,
            nullable: None,
        };
        let limits = Limits {
            rows: 2,
            skip: 1,
            bytes: 10_000,
        };
        let mut rows = Rows::new(vec![column("a"), column("a")], limits);
        for number in 0..5_i64 {
            rows.push(|| Ok::<_, ()>(vec![number.into(), (-number).into()]))
                .unwrap();
            assert_eq!(rows.is_cut(), number >= 3);
        }
        let answer = rows.finish();
        assert!(answer.truncated);
        let shown: Value = answer.rows.into();
        assert_eq!(
            shown.to_serde_json(),
            serde_json::json!([{"a": 1, "a_2": -1}, {"a": 2, "a_2": -2}])
        );
        let small = Limits {
            rows: 100,
            skip: 0,
            bytes: 100,
        };
        let mut rows = Rows::new(vec![column("a")], small);
        for _ in 0..5 {
            rows.push(|| Ok::<_, ()>(vec!["x".repeat(60).into()]))
                .unwrap();
        }
        let answer = rows.finish();
        assert_eq!((answer.rows.len(), answer.truncated), (1, true));
    }
}
