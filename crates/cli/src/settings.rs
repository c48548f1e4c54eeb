//! Which database does a command work on?

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use jiku_registry::{Office, Options, Registry};

use crate::failure::Failure;
use crate::operator::options;

/// The database of a command: `--database`, else the environment's `JIKU_DATABASE`.
#[derive(Args, Clone, Debug)]
pub(crate) struct DatabaseArgs {
    /// The database: sqlite://FILE for a file on this machine, or postgres://USER@HOST/NAME
    ///
    /// A password belongs into the environment variable or into ~/.pgpass: everybody on the machine can read a command line.
    #[arg(long, global = true, env = "JIKU_DATABASE", hide_env_values = true, value_name = "URL")]
    database: Option<DatabaseUrl>,
    /// The file of master keys that the database is encrypted under
    ///
    /// Unless told: jiku.keys beside an SQLite file, ~/.local/share/jiku/jiku.keys for PostgreSQL. It is made, for its owner
    /// only, when a new database is made. Without it a database cannot be read: keep a copy apart from the backups.
    #[arg(long, global = true, env = "JIKU_KEYS", value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
    /// Settings of the cadastre: tolerances, the extent of the province, boundaries of its divisions (docs/topology.md)
    #[arg(long, global = true, env = "JIKU_CADASTRE", value_name = "FILE")]
    pub(crate) cadastre: Option<PathBuf>,
    /// The folder where the in-memory indexes are laid aside, encrypted, so that the next start is quick
    ///
    /// Unless told: FILE.index beside an SQLite file, nowhere for PostgreSQL. What lies there is made anew when it is lost.
    #[arg(long, global = true, env = "JIKU_INDEX_DIR", value_name = "FOLDER")]
    pub(crate) index_dir: Option<PathBuf>,
    /// Lay them aside from so many records on
    #[arg(long, global = true, value_name = "NUMBER", default_value_t = 50_000)]
    pub(crate) index_from: u64,
}

impl DatabaseArgs {
    /// The database that was named.
    pub(crate) fn named(&self) -> Result<&DatabaseUrl, Failure> {
        self.database.as_ref().ok_or_else(|| {
            Failure::usage("no database is named; give --database URL or set JIKU_DATABASE: sqlite://FILE or postgres://USER@HOST/NAME")
        })
    }

    /// The database that was named, which must be there: a misspelt file would else become an empty base, of which all is well.
    pub(crate) fn present(&self) -> Result<&DatabaseUrl, Failure> {
        let database = self.named()?;
        match database.file().filter(|file| !file.exists()) {
            None => Ok(database),
            Some(file) => Err(Failure::database(format!(
                "there is no database {}; see that --database names the right file; `jiku migrate` makes a new one, as `jiku serve` does",
                file.display()
            ))),
        }
    }

    /// Opens the registry on this database, which is there.
    pub(crate) fn open(&self) -> Result<Registry, Failure> {
        self.open_with(|_| {})
    }

    /// Opens what needs no indexes of this database, which is there, at once however large it is.
    pub(crate) fn office(&self) -> Result<Office, Failure> {
        Ok(Office::open(&options(self.present()?, self.keys.as_deref()))?)
    }

    /// The same, of a new database if there is none.
    pub(crate) fn office_or_new(&self) -> Result<Office, Failure> {
        Ok(Office::open(&options(self.named()?, self.keys.as_deref()))?)
    }

    /// Opens the registry on this database, which is there, with what is special about the command.
    pub(crate) fn open_with(&self, set: impl FnOnce(&mut Options)) -> Result<Registry, Failure> {
        Ok(Registry::open(self.options(set)?)?)
    }

    /// The same, on a new database if there is none.
    pub(crate) fn open_or_new(&self, set: impl FnOnce(&mut Options)) -> Result<Registry, Failure> {
        Ok(Registry::open(self.options_of(self.named()?, set))?)
    }

    /// How to open this database, which is there.
    pub(crate) fn options(&self, set: impl FnOnce(&mut Options)) -> Result<Options, Failure> {
        Ok(self.options_of(self.present()?, set))
    }

    fn options_of(&self, database: &DatabaseUrl, set: impl FnOnce(&mut Options)) -> Options {
        let mut options = options(database, self.keys.as_deref());
        options.cadastre.clone_from(&self.cadastre);
        options.index_folder.clone_from(&self.index_dir);
        options.index_from = self.index_from;
        set(&mut options);
        options
    }
}

/// The address of a database, of a kind that Jiku knows. Printing it hides the password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DatabaseUrl(String);

/// What a database address looks like.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a database is written sqlite://FILE or postgres://USER@HOST/NAME")]
pub(crate) struct UnknownDatabase;

impl DatabaseUrl {
    /// The SQLite database in the file `path`.
    pub(crate) fn of_file(path: &Path) -> Self {
        Self(format!("sqlite://{}", path.display()))
    }

    /// The whole address, password included: for opening the database, not for printing.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }

    /// The password in the address, if it has one.
    pub(crate) fn password(&self) -> Option<&str> {
        let (scheme, rest) = self.0.split_once("://")?;
        let authority = rest.split('/').next()?;
        if scheme == "sqlite" { None } else { authority.rsplit_once('@')?.0.split_once(':').map(|(_, password)| password) }
    }

    /// The file of an SQLite database.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.0.strip_prefix("sqlite://").map(Path::new)
    }
}

impl FromStr for DatabaseUrl {
    type Err = UnknownDatabase;

    fn from_str(text: &str) -> Result<Self, UnknownDatabase> {
        let named = ["sqlite://", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
        if named { Ok(Self(text.to_owned())) } else { Err(UnknownDatabase) }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else { return f.write_str(&self.0) };
        let authority_end = rest.find('/').unwrap_or(rest.len());
        match rest[..authority_end].rsplit_once('@') {
            Some((user, host)) if scheme != "sqlite" => {
                let user = user.split_once(':').map_or(user, |(name, _)| name);
                write!(f, "{scheme}://{user}@{host}{}", &rest[authority_end..])
            }
            _ => f.write_str(&self.0),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_by_its_scheme() {
        for good in ["sqlite://base.db", "sqlite:///var/lib/jiku/base.db", "postgres://jiku@localhost/base", "postgresql://h/n"] {
            assert!(good.parse::<DatabaseUrl>().is_ok(), "{good}");
        }
        for bad in ["", "base.db", "sqlite://", "mysql://h/n", "postgres:"] {
            assert_eq!(bad.parse::<DatabaseUrl>(), Err(UnknownDatabase), "{bad}");
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        for (url, shown, password) in [
            ("postgres://jiku:s3cret@db.example:5432/base", "postgres://jiku@db.example:5432/base", Some("s3cret")),
            ("postgres://jiku@db.example/base", "postgres://jiku@db.example/base", None),
            ("postgres://jiku:p@ss@db.example/base", "postgres://jiku@db.example/base", Some("p@ss")),
            ("sqlite://a@b/base.db", "sqlite://a@b/base.db", None),
        ] {
            let parsed: DatabaseUrl = url.parse().expect("a case of this test");
            assert_eq!(parsed.to_string(), shown);
            assert_eq!(format!("{parsed:?}"), shown);
            assert_eq!((parsed.secret(), parsed.password()), (url, password));
        }
    }
}
