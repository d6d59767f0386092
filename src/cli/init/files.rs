//! The starter folder as texts: the templates beside this file with the answers put in.

use super::answers::Answers;
use crate::query::Engine;

/// The sample database, below the folder.
pub const SAMPLE: &str = "sample.db";

/// Git's; one that is there is left as it is.
pub const GITIGNORE: &str = ".gitignore";

const IGNORED: &str = "# What kpid writes beside the YAML.\nkpid.db*\nmails/\n";

/// Path below the folder, and text.
pub fn files(answers: &Answers) -> Vec<(&'static str, String)> {
    macro_rules! both {
        ($name:literal) => {
            match answers.language {
                "es" => include_str!(concat!("es/", $name)),
                _ => include_str!(concat!("en/", $name)),
            }
        };
    }
    let yaml = [
        ("settings.yaml", both!("settings.yaml")),
        ("sources.yaml", both!("sources.yaml")),
        ("kpis.yaml", both!("kpis.yaml")),
        ("reports.yaml", both!("reports.yaml")),
    ];
    let filled = yaml.map(|(name, text)| (name, fill(text, answers)));
    filled.into_iter().chain([(GITIGNORE, IGNORED.to_owned())]).collect()
}

fn fill(text: &str, answers: &Answers) -> String {
    let (url, sql) = match answers.engine {
        Engine::Sqlite => (format!("sqlite://{}/{SAMPLE}", answers.dir), include_str!("sql/sqlite.sql")),
        Engine::Postgres => ("postgres://kpid@localhost/shop".to_owned(), include_str!("sql/postgres.sql")),
        Engine::Mysql => ("mysql://kpid@localhost/shop".to_owned(), include_str!("sql/mysql.sql")),
    };
    let sql = sql.lines().map(|line| format!("      {line}")).collect::<Vec<_>>().join("\n");
    let hint = match (answers.engine, answers.language) {
        (Engine::Sqlite, _) => "",
        (_, "es") => {
            "    # Un ejemplo que se calcula solo: funciona sin ninguna tabla. Ponga aquí un SELECT de las suyas.\n"
        }
        _ => "    # An example that computes itself: it needs no table. Put a SELECT from your own here.\n",
    };
    let kpid = answers.command();
    let values = [
        ("{kpid}", &*kpid),
        ("{dir}", &*answers.dir),
        ("{language}", answers.language),
        ("{locale}", &answers.locale),
        ("{timezone}", &answers.timezone),
        ("{currency}", &answers.currency),
        ("{url}", &url),
        ("{hint}", hint),
        ("{sql}", &sql),
    ];
    values.into_iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}
