//! Where is the real `jiku` binary?

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The binary that belongs to this build. `cargo test --workspace` has built it; when only these tests are run it is
/// built here if it is absent or older than its sources.
///
/// # Panics
/// When it cannot be built.
#[must_use]
pub fn jiku() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let test = std::env::current_exe().expect("a test knows its own file");
        let profile = test.ancestors().nth(2).expect("a test lies in target/PROFILE/deps").to_owned();
        let binary = profile.join("jiku");
        let built = modified(&binary);
        if built.is_none() || built < newest_source(&repository().join("crates")) {
            let mut build = Command::new(env!("CARGO"));
            build.args(["build", "--quiet", "--package", "jiku-cli"]).current_dir(repository());
            build.arg("--target-dir").arg(profile.parent().expect("target holds the profile"));
            if profile.ends_with("release") {
                build.arg("--release");
            }
            assert!(build.status().expect("cargo runs").success(), "the jiku binary must build");
        }
        binary
    })
}

/// The root of the repository.
#[must_use]
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository")
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|file| file.modified()).ok()
}

fn newest_source(folder: &Path) -> Option<SystemTime> {
    let entries =
        std::fs::read_dir(folder).expect("the sources can be listed").map(|entry| entry.expect("an entry of a readable folder").path());
    entries
        .filter_map(|path| match path.extension().and_then(|ending| ending.to_str()) {
            _ if path.is_dir() => newest_source(&path),
            Some("rs" | "toml" | "sql" | "html" | "css" | "js") => modified(&path),
            _ => None,
        })
        .max()
}
