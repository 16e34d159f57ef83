//! `State.migrate`.

use std::time::Duration;

use llmspell_core::{Cx, Map, Result, Value, bail, error};
use schemars::JsonSchema;
use semver::Version;
use serde::Deserialize;

use super::super::backup::{self, Backups};
use super::super::stored;
use super::engine::{self, How, Job, ROLLBACK_ERROR};
use super::known;
use super::register::transformations;
use super::result::{Done, Migrated};
use super::schema::{Schema, Validation, version};
use super::step::{Patterns, Step};
use crate::event;
use crate::hook::{Component, Context, Hooks, Named, Point};

/// Migrates the state to another version of its schema, all of it or nothing.
///
/// The way is the shortest chain of the steps that are known. What goes wrong is told in the result; nothing has changed
/// then.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Migrate {
    /// The version to migrate to; or a table `{from_version, to_version, transformations, keys, scopes, options}`, which
    /// makes a step known first.
    target_version: Value,
    /// `{dry_run, create_backup, batch_size, timeout_seconds, rollback_on_error, validation}`.
    #[serde(default)]
    options: Value,
}

/// A step that is made known and gone at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Direct {
    #[serde(alias = "from")]
    from_version: Option<String>,
    #[serde(alias = "to", alias = "target_version")]
    to_version: String,
    #[serde(default)]
    transformations: Vec<Value>,
    #[serde(default)]
    keys: Patterns,
    #[serde(default)]
    scopes: Patterns,
    #[serde(default)]
    options: Value,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// Everything but the write.
    dry_run: bool,
    create_backup: bool,
    batch_size: usize,
    timeout_seconds: f64,
    /// Accepted: a migration is one transaction, so nothing is left of one that failed, whatever is said.
    rollback_on_error: bool,
    validation: Validation,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dry_run: false,
            create_backup: true,
            batch_size: 100,
            timeout_seconds: 300.0,
            rollback_on_error: true,
            validation: Validation::default(),
        }
    }
}

impl Options {
    fn read(written: Value) -> Result<Self> {
        let own: Self = match written {
            Value::Null => return Ok(Self::default()),
            written => written.into_typed()?,
        };
        if own.batch_size == 0 {
            bail!(InvalidArgs, "`batch_size` must be at least 1, got 0");
        }
        let seconds = own.timeout_seconds;
        if !seconds.is_finite() || seconds <= 0.0 {
            bail!(
                InvalidArgs,
                "`timeout_seconds` must be above 0, got {seconds}"
            );
        }
        Ok(own)
    }
}

pub(super) async fn migrate(cx: Cx, a: Migrate) -> Result<Migrated> {
    let known = known(&cx)?;
    let stored = stored(&cx)?;
    let current = engine::version_of(&stored).await?;
    let (to, options) = match a.target_version {
        Value::Str(text) => (version(&text)?, a.options),
        Value::Map(table) => {
            let direct: Direct = Value::Map(table).into_typed()?;
            let to = version(&direct.to_version)?;
            let from = direct.from_version.as_deref().map(version).transpose()?;
            let from = from.unwrap_or_else(|| current.clone());
            let all = transformations(direct.transformations)?;
            if from != to && !all.is_empty() {
                let step = Step::new(from, to.clone(), (direct.keys, direct.scopes), all)?;
                known.add_step(step);
            }
            (to, direct.options)
        }
        other => bail!(
            InvalidArgs,
            "`target_version` must be text or a table, got {}",
            other.type_name()
        ),
    };
    let options = Options::read(options)?;
    if to == current {
        return Ok(Migrated::already(&current));
    }
    let run = Run {
        cx: &cx,
        from: &current,
        to: &to,
        dry_run: options.dry_run,
    };
    Ok(match run.whole(&options).await {
        Ok(done) => Migrated::completed(&current, &to, done),
        Err(error) => {
            run.failed(&error).await;
            Migrated::failed(&current, &to, &error)
        }
    })
}

/// A migration with what is told of it.
struct Run<'a> {
    cx: &'a Cx,
    from: &'a Version,
    to: &'a Version,
    dry_run: bool,
}

impl Run<'_> {
    async fn whole(&self, options: &Options) -> Result<Done> {
        let Self { cx, from, to, .. } = *self;
        let (known, stored) = (known(cx)?, stored(cx)?);
        let legs = known.way(from, to).ok_or_else(|| {
            error!(NotFound, "no steps lead from version {from} to {to}")
                .hint("make them known with State.register_migration")
        })?;
        let bare = || Schema::bare(to).into();
        let schema = known.schema(to).unwrap_or_else(bare);
        let how = How {
            dry_run: options.dry_run,
            batch: options.batch_size,
            timeout: Duration::try_from_secs_f64(options.timeout_seconds).unwrap_or(Duration::MAX),
            validation: options.validation,
        };
        let job = Job {
            cx,
            stored: &stored,
            from,
            to,
            legs: &legs,
            schema: &schema,
            how: &how,
        };
        let clock = &cx.host().clock;
        let since = clock.monotonic();
        self.permitted(&job).await?;
        self.say("migration_started", &[("steps", legs.len().into())])
            .await;
        let mut done = Done {
            steps: legs.len(),
            dry_run: options.dry_run,
            ..Done::default()
        };
        if options.create_backup && known.backup_first && !options.dry_run {
            done.backup_id = self.backed_up().await?;
        }
        done.items = job.run().await?;
        if done.items == 0 {
            done.warnings.push("no item was concerned".to_owned());
        }
        done.duration_ms = clock.monotonic().saturating_sub(since).as_secs_f64() * 1000.0;
        let count = [("items_migrated", done.items.into())];
        self.say("migration_completed", &count).await;
        self.told(done.items).await;
        Ok(done)
    }

    /// Makes a backup, if there are any.
    async fn backed_up(&self) -> Result<Option<String>> {
        let Ok(backups) = self.cx.part::<Backups>() else {
            return Ok(None);
        };
        let about = format!("before the migration from {} to {}", self.from, self.to);
        let made = backup::create(self.cx, &backups, about).await?;
        self.say("migration_backup", &[("backup_id", made.as_str().into())])
            .await;
        Ok(Some(made))
    }

    fn facts(&self, phase: &str, items: usize) -> Map {
        Map::from([
            ("phase", phase.into()),
            ("from_version", self.from.to_string().into()),
            ("to_version", self.to.to_string().into()),
            ("items", items.into()),
            ("dry_run", self.dry_run.into()),
        ])
    }

    fn context(&self, point: Point, facts: Map) -> Context<'_> {
        let mut context = Context::new(self.cx, point, Component::new("State", "migration"), facts);
        context.operation = "state_migration";
        context
    }

    /// Asks the hooks whether it may begin.
    async fn permitted(&self, job: &Job<'_>) -> Result<()> {
        let Ok(hooks) = self.cx.part::<Hooks>() else {
            return Ok(());
        };
        let points = [
            Point::Named(Named::StateMigration),
            Point::Custom("custom:pre_migration".into()),
        ];
        if !points.iter().any(|point| hooks.has(point)) {
            return Ok(());
        }
        let facts = self.facts("before", job.count().await?);
        for point in points {
            let make = || self.context(point.clone(), facts.clone());
            hooks.permit(self.cx, point.clone(), make).await?;
        }
        Ok(())
    }

    /// Tells the hooks that it is over.
    async fn told(&self, items: usize) {
        let Ok(hooks) = self.cx.part::<Hooks>() else {
            return;
        };
        for point in [
            Point::Named(Named::StateMigration),
            Point::Custom("custom:post_migration".into()),
        ] {
            let make = || self.context(point.clone(), self.facts("after", items));
            hooks.notice(self.cx, point.clone(), make).await;
        }
    }

    async fn failed(&self, error: &llmspell_core::Error) {
        let why = [("error", Value::from(error.message()))];
        self.say("migration_failed", &why).await;
        // What was written is undone already, if anything was, so this is over as soon as it begins.
        self.say("migration_rollback_started", &[]).await;
        match error.details().get(ROLLBACK_ERROR) {
            None => self.say("migration_rollback_completed", &[]).await,
            Some(why) => {
                let why = [("error", why.clone())];
                self.say("migration_rollback_failed", &why).await;
            }
        }
    }

    async fn say(&self, kind: &str, more: &[(&str, Value)]) {
        let facts = || {
            let mut facts = Value::from([
                ("from_version", self.from.to_string().into()),
                ("to_version", self.to.to_string().into()),
                ("dry_run", self.dry_run.into()),
            ]);
            if let Value::Map(facts) = &mut facts {
                let more = more.iter();
                facts.extend(more.map(|(name, value)| ((*name).to_owned(), value.clone())));
            }
            facts
        };
        event::announce(self.cx, "migration_engine", kind, facts).await;
    }
}
