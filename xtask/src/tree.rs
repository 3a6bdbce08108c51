//! The repository as the checks see it: its text files and its packages.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use serde_json::Value;

/// The repository.
#[derive(Debug, Clone)]
pub struct Tree {
    root: PathBuf,
}

/// A package of the workspace, with the names of what it depends on directly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Of the product: normal and build dependencies.
    pub(crate) dependencies: Vec<String>,
    /// Of its tests.
    pub(crate) dev_dependencies: Vec<String>,
}

/// Why the repository cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// A file or folder cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Cargo does not tell about its packages.
    #[error("cargo metadata failed: {0}")]
    Metadata(String),
}

impl Tree {
    /// The repository that this program was built in.
    #[must_use]
    pub fn of_this_repository() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: here.parent().unwrap_or(here).to_owned() }
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every file with one of these endings, as path from the root with `/`, in order.
    pub(crate) fn files(&self, endings: &[&str]) -> Result<Vec<String>, TreeError> {
        let mut found = Vec::new();
        self.collect(&self.root, endings, &mut found)?;
        found.sort();
        Ok(found)
    }

    /// A file's text.
    pub(crate) fn read(&self, file: &str) -> Result<String, TreeError> {
        let path = self.root.join(file);
        fs::read_to_string(&path).map_err(|source| TreeError::Unreadable { path, source })
    }

    /// Whether there is such a file or folder.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// The packages of the workspace.
    pub(crate) fn packages(&self) -> Result<Vec<Package>, TreeError> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
            .current_dir(&self.root)
            .output()
            .map_err(|error| TreeError::Metadata(error.to_string()))?;
        if !output.status.success() {
            return Err(TreeError::Metadata(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| TreeError::Metadata(error.to_string()))?;
        Ok(metadata["packages"].as_array().into_iter().flatten().map(package).collect())
    }

    fn collect(
        &self,
        folder: &Path,
        endings: &[&str],
        found: &mut Vec<String>,
    ) -> Result<(), TreeError> {
        let unreadable = |source| TreeError::Unreadable { path: folder.to_owned(), source };
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() && !name.starts_with('.') && !NOT_OURS.contains(&&*name) {
                self.collect(&path, endings, found)?;
            } else if kind.is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
                let below = path.strip_prefix(&self.root).unwrap_or(&path);
                found.push(below.to_string_lossy().replace('\\', "/"));
            }
        }
        Ok(())
    }
}

/// Folders that are made by tools.
const NOT_OURS: [&str; 3] = ["target", "node_modules", "results"];

fn package(value: &Value) -> Package {
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    let all = || value["dependencies"].as_array().into_iter().flatten();
    let for_tests = |dependency: &&Value| dependency["kind"] == "dev";
    Package {
        name: name(value),
        dependencies: all().filter(|one| !for_tests(one)).map(name).collect(),
        dev_dependencies: all().filter(for_tests).map(name).collect(),
    }
}
