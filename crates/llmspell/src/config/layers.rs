//! The layers of a configuration: files, the profile, environment variables, flags; the later wins.

use std::path::PathBuf;
use std::sync::Arc;

use llmspell_core::Result;

use super::tree::{self, Document, Origin, Tree};
use super::{Names, Surroundings, dotenv, environment, find, merge, synonyms, tools};

/// What the command line says about configuration.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// `--config PATH`.
    pub file: Option<PathBuf>,
    /// `--no-config`.
    pub no_files: bool,
    /// `--profile NAME`.
    pub profile: Option<String>,
    /// `--set KEY=VALUE`, in order, and what specific flags say: the flag's name and the assignment.
    pub set: Vec<(String, String)>,
}

/// All layers, merged.
pub(super) struct Layers {
    pub(super) tree: Tree,
    /// The files in force, the weaker first.
    pub(super) files: Vec<Arc<Document>>,
    /// The profile in force.
    pub(super) profile: Option<String>,
    /// The environment, `.env` included if it is read.
    pub(super) variables: Vec<(String, String)>,
}

impl Layers {
    /// Finds and merges what is written.
    ///
    /// - Errors: `Config` if a file cannot be read or is no TOML, a profile is unknown, two places contradict each
    ///   other.
    pub(super) fn read(
        request: &Selection,
        surroundings: &Surroundings,
        names: &Names,
    ) -> Result<Self> {
        let files = files(request, surroundings)?;
        let mut tree = Tree::table(Origin::Flag("the configuration".into()));
        for file in &files {
            let mut layer = tree::parse(file)?;
            canonical_with_profiles(&mut layer, names)?;
            merge::merge(&mut tree, layer);
        }
        let profile = profile(request, surroundings);
        let chosen = profile.as_ref();
        let chosen = chosen.map(|(name, origin)| (name.as_str(), origin));
        merge::apply_profile(&mut tree, chosen)?;
        let variables = dotenv::variables(&tree, surroundings)?;
        let mut layer = environment::layer(&variables)?;
        canonical(&mut layer, names)?;
        merge::merge(&mut tree, layer);
        for (flag, assignment) in &request.set {
            let mut layer = tree::parse_assignment(assignment, &Origin::Flag(flag.clone()))?;
            canonical(&mut layer, names)?;
            merge::merge(&mut tree, layer);
        }
        Ok(Self {
            tree,
            files,
            profile: profile.map(|(name, _)| name),
            variables,
        })
    }
}

/// Returns the files that are asked for, or those that there are.
fn files(request: &Selection, surroundings: &Surroundings) -> Result<Vec<Arc<Document>>> {
    if request.no_files {
        return Ok(Vec::new());
    }
    let explicit = request.file.clone();
    let explicit = explicit.or_else(|| surroundings.var("LLMSPELL_CONFIG").map(PathBuf::from));
    find::files(explicit.as_deref(), surroundings)
}

fn profile(request: &Selection, surroundings: &Surroundings) -> Option<(String, Origin)> {
    let flag = request
        .profile
        .clone()
        .map(|name| (name, Origin::Flag("--profile".into())));
    flag.or_else(|| {
        let variable = "LLMSPELL_PROFILE";
        let name = surroundings.var(variable)?;
        Some((name.to_owned(), Origin::Variable(variable.into())))
    })
}

fn canonical(layer: &mut Tree, names: &Names) -> Result<()> {
    synonyms::canonical(layer)?;
    tools::canonical(layer, names)
}

/// Profiles are partial configurations, so they may use synonyms as well.
fn canonical_with_profiles(layer: &mut Tree, names: &Names) -> Result<()> {
    canonical(layer, names)?;
    for profile in layer.members_mut("profiles") {
        canonical(profile, names)?;
    }
    Ok(())
}
