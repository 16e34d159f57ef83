//! The schemas and steps that a run knows, and the ways between versions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use llmspell_core::{Result, error};
use parking_lot::RwLock;
use semver::Version;

use super::register::transformations;
use super::schema::{Arrival, Schema, version};
use super::step::Step;

/// The schema that every store begins with.
pub(super) const FIRST: Version = Version::new(1, 0, 0);

/// Steps between two neighbouring versions of a way, in the order of their registration.
pub(super) type Leg = Vec<Arc<Step>>;

/// The schemas and steps that a run knows.
#[derive(Debug)]
pub struct Migrations {
    known: RwLock<Known>,
    /// Whether a backup is made before a migration, if backups are made at all.
    pub(super) backup_first: bool,
}

#[derive(Debug)]
struct Known {
    schemas: BTreeMap<Version, Arc<Schema>>,
    steps: Vec<Arc<Step>>,
}

impl Migrations {
    /// Makes the part of a run that migrates its state: the built-in schema 1.0.0 and these.
    ///
    /// - Errors: `InvalidArgs` for a version that is none or a step that is wrong, `Exists` for a version that two schemas
    ///   have.
    pub fn new(schemas: Vec<Schema>, backup_first: bool) -> Result<Self> {
        let first = Schema {
            description: Some("The first version.".to_owned()),
            ..Schema::bare(&FIRST)
        };
        let own = Self {
            known: RwLock::new(Known {
                schemas: BTreeMap::from([(FIRST, Arc::new(first))]),
                steps: Vec::new(),
            }),
            backup_first,
        };
        for schema in schemas {
            let (to, steps) = (version(&schema.version)?, schema.migrations.clone());
            own.add_schema(schema)?;
            for step in steps {
                own.add_arrival(to.clone(), step)?;
            }
        }
        Ok(own)
    }

    /// Adds a step that a file has.
    fn add_arrival(&self, to: Version, step: Arrival) -> Result<()> {
        let all = step.transformations.into_iter().map(Into::into).collect();
        let patterns = (step.keys, step.scopes);
        let step = Step::new(version(&step.from)?, to, patterns, transformations(all)?)?;
        self.add_step(step);
        Ok(())
    }

    /// Adds a schema. One that is known already in the same words stays; the built-in one, or one of a step, is replaced.
    ///
    /// - Errors: `Exists` for a version with another schema.
    pub(super) fn add_schema(&self, schema: Schema) -> Result<()> {
        let version = version(&schema.version)?;
        for other in &schema.compatible_with {
            super::schema::version(other)?;
        }
        let mut known = self.known.write();
        if let Some(old) = known.schemas.get(&version)
            && **old != schema
            && !old.fields.is_empty()
        {
            return Err(error!(
                Exists,
                "the schema {version} exists already with other fields"
            )
            .hint("give the changed one a version of its own"));
        }
        known.schemas.insert(version, Arc::new(schema));
        Ok(())
    }

    /// Adds a step, and the versions at its ends if they are not known.
    pub(super) fn add_step(&self, step: Step) {
        let mut known = self.known.write();
        for end in [&step.from, &step.to] {
            let schema = known.schemas.entry(end.clone());
            schema.or_insert_with(|| Arc::new(Schema::bare(end)));
        }
        known.steps.push(Arc::new(step));
    }

    /// Returns the schema of a version.
    pub(super) fn schema(&self, version: &Version) -> Option<Arc<Schema>> {
        self.known.read().schemas.get(version).cloned()
    }

    /// Returns all schemas, the oldest first.
    pub(super) fn schemas(&self) -> Vec<(Version, Arc<Schema>)> {
        let known = self.known.read();
        let all = known.schemas.iter();
        all.map(|(version, schema)| (version.clone(), schema.clone()))
            .collect()
    }

    /// Returns the shortest way between two versions; of equally short ones that whose steps were registered first.
    pub(super) fn way(&self, from: &Version, to: &Version) -> Option<Vec<Leg>> {
        let known = self.known.read();
        let mut before: BTreeMap<&Version, &Version> = BTreeMap::new();
        let mut open = VecDeque::from([from]);
        while let Some(here) = open.pop_front() {
            if here == to {
                break;
            }
            for step in known.steps.iter().filter(|step| step.from == *here) {
                if step.to != *from && !before.contains_key(&step.to) {
                    before.insert(&step.to, &step.from);
                    open.push_back(&step.to);
                }
            }
        }
        let mut way = Vec::new();
        let mut there = to;
        while there != from {
            let here = *before.get(there)?;
            let leg = known.steps.iter();
            let leg = leg.filter(|step| step.from == *here && step.to == *there);
            way.push(leg.cloned().collect());
            there = here;
        }
        way.reverse();
        Some(way)
    }

    /// Returns the versions that can be reached from one, the oldest first.
    pub(super) fn reachable(&self, from: &Version) -> Vec<Version> {
        let known = self.known.read();
        let mut found = BTreeSet::new();
        let mut open = vec![from];
        while let Some(here) = open.pop() {
            for step in known.steps.iter().filter(|step| step.from == *here) {
                if step.to != *from && found.insert(&step.to) {
                    open.push(&step.to);
                }
            }
        }
        found.into_iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::step::Patterns;
    use super::*;

    fn steps(all: &[(u64, u64)]) -> Migrations {
        let known = Migrations::new(Vec::new(), true).unwrap();
        for (from, to) in all {
            let (from, to) = (Version::new(*from, 0, 0), Version::new(*to, 0, 0));
            let any = (Patterns::default(), Patterns::default());
            known.add_step(Step::new(from, to, any, Vec::new()).unwrap());
        }
        known
    }

    fn way(known: &Migrations, from: u64, to: u64) -> Option<Vec<u64>> {
        let way = known.way(&Version::new(from, 0, 0), &Version::new(to, 0, 0))?;
        Some(way.iter().map(|leg| leg[0].to.major).collect())
    }

    #[test]
    fn the_shortest_way() {
        let known = steps(&[(1, 2), (2, 3), (3, 4), (2, 4), (4, 1), (5, 6)]);
        assert_eq!(way(&known, 1, 4), Some(vec![2, 4]));
        assert_eq!(way(&known, 4, 3), Some(vec![1, 2, 3]));
        assert_eq!(way(&known, 1, 1), Some(vec![]));
        assert_eq!(way(&known, 1, 6), None);
        assert_eq!(way(&known, 6, 5), None);
        let reached = known.reachable(&FIRST);
        let majors: Vec<u64> = reached.iter().map(|version| version.major).collect();
        assert_eq!(majors, [2, 3, 4]);
    }

    #[test]
    fn steps_between_the_same_versions_are_one_leg() {
        let known = steps(&[(1, 2), (1, 2)]);
        let way = known.way(&FIRST, &Version::new(2, 0, 0)).unwrap();
        assert_eq!((way.len(), way[0].len()), (1, 2));
    }

    #[test]
    fn a_schema_is_not_replaced_by_another_one() {
        let known = steps(&[(1, 2)]);
        let schema = |text: &str| serde_json::from_str::<Schema>(text).unwrap();
        let second = schema(r#"{"version": "2.0.0", "fields": {"a": {"type": "string"}}}"#);
        known.add_schema(second.clone()).unwrap();
        known.add_schema(second).unwrap();
        let other = schema(r#"{"version": "2.0.0", "fields": {"a": {"type": "list"}}}"#);
        assert_eq!(
            known.add_schema(other).unwrap_err().kind(),
            llmspell_core::Kind::Exists
        );
        assert_eq!(known.schemas().len(), 2);
    }
}
