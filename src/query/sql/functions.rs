//! Tokens → the calls that a read-only session does not stop: files, other servers, locks, waiting, settings, sequences,
//! SQL inside strings.
//!
//! A deny-list can't be whole (a database has its own functions); the role that may only read is what holds.

use super::token::{Kind, Token, Tokens};
use super::{Engine, SqlProblem};

/// Names in lower case; a trailing `*` stands for any ending.
#[rustfmt::skip]
const POSTGRES: &[&str] = &[
    // files and programs
    "pg_read_file*", "pg_read_binary_file*", "pg_ls_*", "pg_stat_file*", "pg_file_*", "pg_logdir_ls", "pg_logfile_rotate",
    "lo_creat*", "lo_export", "lo_from_bytea", "lo_get", "lo_import*", "lo_lseek*", "lo_open", "lo_put", "lo_tell*",
    "lo_truncate*", "lo_unlink", "loread", "lowrite", "pg_import_system_collations",
    // other servers, and SQL in strings
    "dblink*", "postgres_fdw_disconnect*", "query_to_xml*", "database_to_xml*", "schema_to_xml*", "table_to_xml*",
    "cursor_to_xml*", "ts_stat", "ts_rewrite", "crosstab*", "connectby", "xpath_table",
    // sessions, settings, locks, waiting
    "set_config", "pg_advisory_*", "pg_try_advisory_*", "pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf",
    "pg_rotate_logfile*", "pg_notify", "pg_sleep*", "pg_export_snapshot", "pg_log_backend_memory_contexts", "pg_stat_reset*",
    "pg_stat_statements_reset", "pg_prewarm", "autoprewarm_*",
    // sequences and transaction numbers
    "nextval", "setval", "txid_current", "pg_current_xact_id",
    // the server's log and replication
    "pg_switch_*", "pg_create_*", "pg_drop_*", "pg_logical_*", "pg_replication_*", "pg_copy_*", "pg_backup_*",
    "pg_start_backup", "pg_stop_backup", "pg_promote", "pg_wal_replay_*", "pg_sync_replication_slots", "pg_extension_config_dump",
];

#[rustfmt::skip]
const MYSQL: &[&str] = &[
    "load_file", "benchmark", "sleep", "get_lock", "release_lock", "release_all_locks", "sys_exec", "sys_eval", "sys_get",
    "sys_set", "master_pos_wait", "source_pos_wait", "master_gtid_wait", "wait_for_executed_gtid_set",
    "wait_until_sql_thread_after_gtids", "nextval", "setval", "lastval",
];

#[rustfmt::skip]
const SQLITE: &[&str] = &[
    "load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "fsdir", "lsdir", "lsmode", "zipfile", "sqlite_dbpage",
];

pub(super) fn check(tokens: &Tokens, engine: Engine) -> Vec<SqlProblem> {
    (0..tokens.iter().len()).filter_map(|i| refuse(tokens, i, engine)).collect()
}

fn refuse(tokens: &Tokens, i: usize, engine: Engine) -> Option<SqlProblem> {
    let token = tokens.get(i, 0);
    let name = called_name(token, engine)?;
    // PostgreSQL also calls what looks like a column: `('/etc/passwd'::text).pg_read_file`.
    let called = tokens.get(i, 1).is("(") || (engine == Engine::Postgres && tokens.get(i, -1).is("."));
    // SQLite's pragma functions are tables too, and then need no parentheses.
    let pragma = engine == Engine::Sqlite && name.starts_with("pragma_") && (called || token.is_name());
    (pragma || (called && denied(&name, engine))).then(|| {
        SqlProblem::new(token.span(), format!("`{name}` is not for sources"))
            .help("it reaches beyond reading tables (files, locks, settings, waiting); leave it out")
    })
}

/// The lower-case name, if the token can be one. MySQL under ANSI_QUOTES and SQLite take strings for names in places.
fn called_name(token: Token, engine: Engine) -> Option<String> {
    let text = token.kind == Kind::Text && engine != Engine::Postgres;
    (token.is_name() || text).then(|| token.name(engine).to_ascii_lowercase())
}

fn denied(name: &str, engine: Engine) -> bool {
    let list = match engine {
        Engine::Postgres => POSTGRES,
        Engine::Mysql => MYSQL,
        Engine::Sqlite => SQLITE,
    };
    list.iter().any(|entry| entry.strip_suffix('*').map_or(name == *entry, |start| name.starts_with(start)))
}
