//! Texts that must never reach a database.

use super::*;
use Engine::{Mysql, Postgres, Sqlite};

/// Statements that no engine may be sent.
#[rustfmt::skip]
const HOSTILE: &[&str] = &[
    "()", "(", "SELECT 1) x, (SELECT 2", "SELECT (1", "SELECT 1))",  "DELETE FROM t", "delete from t where id = :start", "INSERT INTO t VALUES (1)", "UPDATE t SET a = 1",
    "REPLACE INTO t VALUES (1)", "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE", "TRUNCATE t",
    "TRUNCATE TABLE t", "DROP TABLE t", "DROP TABLE IF EXISTS t", "CREATE TABLE t (a int)",
    "CREATE TEMP TABLE t AS SELECT 1", "CREATE TABLE t AS SELECT 1", "ALTER TABLE t ADD a int",
    "RENAME TABLE a TO b", "GRANT ALL ON t TO PUBLIC", "REVOKE ALL ON t FROM x", "COMMIT", "ROLLBACK", "BEGIN",
    "START TRANSACTION", "SAVEPOINT a", "RELEASE a", "END", "ABORT", "SET TRANSACTION READ WRITE",
    "SET statement_timeout = 0", "SET SESSION max_statement_time = 0", "SET @a = 1",
    "SET STATEMENT max_statement_time = 0 FOR SELECT 1", "RESET ALL", "DISCARD ALL", "COPY t TO '/tmp/x'",
    "COPY (SELECT 1) TO PROGRAM 'sh'", "COPY t FROM PROGRAM 'id'", "VACUUM", "VACUUM INTO '/tmp/x'",
    "ATTACH '/tmp/x' AS x", "ATTACH DATABASE 'x' AS y", "DETACH x", "PRAGMA query_only = 0",
    "PRAGMA writable_schema = 1", "REINDEX", "ANALYZE t", "ANALYZE TABLE t", "OPTIMIZE TABLE t", "REPAIR TABLE t",
    "EXPLAIN ANALYZE DELETE FROM t", "EXPLAIN SELECT 1", "TABLE x", "(TABLE x)", "CALL p()",
    "DO $$ BEGIN DELETE FROM t; END $$", "DO SLEEP(5)", "EXECUTE s", "EXECUTE IMMEDIATE 'DROP TABLE t'",
    "PREPARE s AS DELETE FROM t", "PREPARE s FROM 'DROP TABLE t'", "DEALLOCATE s", "LISTEN c", "NOTIFY c",
    "UNLISTEN *", "LOCK TABLE t", "LOCK TABLES t WRITE", "UNLOCK TABLES", "HANDLER t OPEN",
    "LOAD DATA INFILE 'x' INTO TABLE t", "LOAD 'x.so'", "IMPORT FOREIGN SCHEMA s FROM SERVER x INTO y",
    "SHOW GRANTS", "USE mysql", "FLUSH TABLES", "KILL 1", "SHUTDOWN", "PURGE BINARY LOGS TO 'x'", "CHECKPOINT",
    "CLUSTER t", "COMMENT ON TABLE t IS 'x'", "SECURITY LABEL ON TABLE t IS 'x'", "DECLARE c CURSOR FOR SELECT 1",
    "FETCH ALL FROM c", "INSTALL PLUGIN x SONAME 'y'", "BINLOG 'x'", "CHANGE MASTER TO MASTER_HOST='x'", "RESIGNAL",
    "XA START 'x'", "DESCRIBE t", "HELP 'x'", "REFRESH MATERIALIZED VIEW v", "REASSIGN OWNED BY a TO b",
    // two statements
    "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE t", "SELECT 1;DROP TABLE t;", "SELECT 1;;DELETE FROM t",
    "; SELECT 1", "SELECT 'a;b'; DELETE FROM t", "SELECT 1 -- x\n; DELETE FROM t",
    "SELECT 1 /* x */; DELETE FROM t -- x", "SELECT ';' ; COMMIT", "VALUES (1); SET a = 1",
    "WITH a AS (SELECT 1) SELECT * FROM a; DELETE FROM t", "SELECT 1;\0DROP TABLE t",
    "SELECT \"a;b\" FROM t; COMMIT", "SELECT 1; -- a\nCOMMIT",
    // comment tricks
    "/* */ DELETE FROM t", "-- SELECT\nDELETE FROM t", "/* SELECT 1 */ DROP TABLE t",
    "SELECT 1 /* ; */ ; DROP TABLE t", "/**/DELETE/**/FROM/**/t", "SELECT 1 /* not closed", "SELECT /*",
    "WITH a AS (SELECT 1)/* */DELETE/**/FROM t", "SELECT a INTO/**/b FROM t",
    // not closed
    "SELECT 'a", "SELECT \"a", "SELECT 'a''", "SELECT * FROM \"t", "SELECT ';DROP TABLE t",
    // writing under a reading head
    "WITH x AS (SELECT 1) DELETE FROM t", "WITH x AS (SELECT 1) UPDATE t SET a = 1",
    "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", "WITH x AS (SELECT 1) REPLACE INTO t SELECT * FROM x",
    "WITH x(a) AS (SELECT 1), y AS (SELECT 2) DELETE FROM t WHERE a IN (SELECT a FROM x)",
    "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
    "WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM x",
    "WITH x AS (UPDATE t SET a = 1 RETURNING *) SELECT * FROM x",
    "WITH x AS (UPDATE ONLY t SET a = 1 RETURNING *) SELECT * FROM x",
    "WITH x AS MATERIALIZED (DELETE FROM t RETURNING *) TABLE x",
    "WITH x AS (\n-- c\ndelete\nfrom t returning 1) SELECT 1", "(DELETE FROM t)",
    "WITH x AS (WITH y AS (DELETE FROM t RETURNING *) SELECT * FROM y) SELECT * FROM x",
    "SELECT * FROM (DELETE FROM t RETURNING *) x", "WITH RECURSIVE x AS (SELECT 1) DELETE FROM t",
    "SELECT * INTO t2 FROM t", "SELECT a INTO TEMP b FROM t", "SELECT 1 INTO @v", "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT 1 INTO DUMPFILE '/tmp/x'", "SELECT INTO t2 FROM t", "SELECT a FROM t INTO OUTFILE '/tmp/x'",
    "SELECT 1.INTO OUTFILE '/tmp/x'", "SELECT 1e5INTO OUTFILE '/tmp/x'", "VALUES (1) INTO OUTFILE 'x'",
    "(SELECT 1) INTO OUTFILE '/tmp/x'", "SELECT 1 UNION SELECT 2 INTO OUTFILE '/tmp/x'",
    "SELECT .5INTO OUTFILE 'x'", "SELECT * FROM t FOR UPDATE", "SELECT * FROM t FOR SHARE",
    "SELECT * FROM t FOR NO KEY UPDATE", "SELECT * FROM t FOR KEY SHARE",
    "SELECT * FROM t for/**/update skip locked", "SELECT * FROM t LOCK IN SHARE MODE",
    "SELECT * FROM (SELECT * FROM t FOR UPDATE) x", "SELECT NEXT VALUE FOR s", "SELECT PREVIOUS VALUE FOR s",
    // characters
    "ＳＥＬＥＣＴ 1", "SELECT 1； DROP TABLE t", "SЕLECT 1", "SELECT 1\u{00A0}; DROP TABLE t", "SELECT\u{200B} 1",
    "\u{FEFF}SELECT 1", "SELECT\u{3000}1", "SELECT ‘a’", "SELECT 1\0", "SELECT '\0'", "SELECT '\u{202E}x'",
    "SELECT 1 /* \u{2066} */", "SELECT \u{1}1", "SELECT ｓｌｅｅｐ(5)", "SELECT a\u{2028}FROM t",
    "WITH x AS (SELECT 1)\u{2003}DELETE FROM t",
    // parameters
    "SELECT :strat", "SELECT :Start", "SELECT :1", "SELECT :start_dat", "SELECT * FROM t WHERE a =:x",
    "SELECT * FROM t WHERE a IN (:ids)", "SELECT 1 WHERE 1=1 AND:start < x", "SELECT * FROM t WHERE a = ?",
    "SELECT * FROM t WHERE a >= ? AND b < ?", "SELECT * FROM t WHERE a=?", "SELECT * FROM t LIMIT ?",
    "SELECT f(?, 1)", "SELECT ? < a FROM t", "SELECT a FROM t WHERE a IN (?,?)",
    "SELECT a FROM t WHERE a BETWEEN ? AND ?", "SELECT a FROM t WHERE a > ? ORDER BY a",
];

#[rustfmt::skip]
const HOSTILE_POSTGRES: &[&str] = &[
    "SELECT 1 </* ' */ ; DROP TABLE t --'", "SELECT x'\\' ; DROP TABLE t --'", "SELECT $1$ ; DROP TABLE t; $1$",
    "SELECT E'a'\n'\\'' ; DROP TABLE t --'", "SELECT $1", "SELECT '\\'; DROP TABLE t; --'",
    "SELECT $a$ x $b$; DROP TABLE t", "SELECT 1 -- x\r; DROP TABLE t", "SELECT /* /* */ 1", "SELECT a[1:2]; COMMIT",
    "SELECT E'\\''; DROP TABLE t --'", "SELECT pg_read_file('/etc/passwd')", "SELECT \"pg_read_file\"('x')",
    "SELECT pg_catalog.pg_read_file('x')", "SELECT \"pg_catalog\" . \"pg_read_file\" ('x')",
    "SELECT pg_catalog./**/PG_READ_FILE /**/ ('x')", "SELECT U&\"pg\\005fread_file\"('x')",
    "SELECT pg_read_binary_file('x')", "SELECT * FROM pg_ls_dir('/')", "SELECT pg_ls_logdir()",
    "SELECT ('x'::text).pg_read_file", "SELECT a.\"pg_read_file\" FROM unnest(ARRAY['x']) a", "SELECT ('s'::regclass).nextval",
    "SELECT pg_stat_file('x')", "SELECT lo_import('/etc/passwd')", "SELECT lo_export(1, '/tmp/x')",
    "SELECT * FROM dblink('x', 'DELETE FROM t') AS t(a int)", "SELECT dblink_exec('x', 'y')",
    "SELECT set_config('statement_timeout', '0', false)", "SELECT pg_advisory_lock(1)",
    "SELECT pg_try_advisory_xact_lock(1)", "SELECT pg_terminate_backend(1)", "SELECT pg_cancel_backend(1)",
    "SELECT pg_reload_conf()", "SELECT pg_rotate_logfile()", "SELECT pg_notify('a', 'b')", "SELECT nextval('s')",
    "SELECT setval('s', 1)", "SELECT pg_switch_wal()", "SELECT pg_create_restore_point('x')",
    "SELECT pg_logical_emit_message(true, 'a', 'b')", "SELECT query_to_xml('DELETE FROM t', true, true, '')",
    "SELECT table_to_xml('t', true, true, '')", "SELECT cursor_to_xml('c', 1, true, true, '')",
    "SELECT database_to_xml(true, true, '')", "SELECT pg_export_snapshot()", "SELECT txid_current()",
    "SELECT pg_current_xact_id()", "SELECT pg_file_write('a', 'b', false)", "SELECT pg_logdir_ls()",
    "SELECT pg_sleep(1e9)", "SELECT pg_sleep_for('1 day')", "SELECT ts_stat('SELECT 1')", "SELECT 1INTO t2",
    "WITH x AS (SELECT 1) MERGE INTO t USING x ON true WHEN MATCHED THEN DELETE",
    "WITH x AS (UPDATE between SET a = 1 RETURNING 1) SELECT 1", "SELECT a FROM t WHERE a =?",
    "WITH RECURSIVE x AS (SELECT 1 a) SEARCH DEPTH FIRST BY a SET b DELETE FROM t",
    "WITH RECURSIVE x AS (SELECT 1 a) SEARCH DEPTH FIRST BY a SET by DELETE FROM t",
    "WITH RECURSIVE x AS (SELECT 1 a) SEARCH DEPTH FIRST BY a SET between DELETE FROM t",
    "WITH RECURSIVE x AS (SELECT 1 a) CYCLE a SET b USING \"c\" DELETE FROM t", "SELECT $$ not closed",
    "SELECT ARRAY[:strat]", "SELECT * FROM ROWS FROM (pg_read_file('x'), generate_series(1, 2)) x",
    "SELECT (SELECT pg_sleep(1))", "SELECT 1 ORDER BY pg_sleep(1)",
];

#[rustfmt::skip]
const HOSTILE_MYSQL: &[&str] = &[
    "SELECT 1 /*! INTO OUTFILE '/tmp/x' */", "SELECT 1 /*!50000 INTO OUTFILE '/tmp/x' */", "/*! DELETE FROM t */",
    "SELECT 1 /*M! INTO OUTFILE 'x' */", "SELECT 1 /*M!100000 FOR UPDATE */",
    "SELECT /*+ SET_VAR(sql_mode = '') */ 1", "SELECT /*+ MAX_EXECUTION_TIME(0) */ 1",
    "SELECT 1 AS $$; DROP TABLE t; -- $$", "SELECT '\\'; DROP TABLE t; -- '; DROP TABLE t",
    "SELECT 1 # x\n; DROP TABLE t", "SELECT 1 /* /* */; DROP TABLE t -- */", "SELECT 1 --\n; DROP TABLE t",
    "SELECT @a := 1", "SELECT @a:=a FROM t", "SELECT load_file('/etc/passwd')", "SELECT LOAD_FILE ('x')",
    "SELECT `load_file`('x')", "SELECT benchmark(1e9, md5('a'))", "SELECT sleep(100)", "SELECT `sleep`(100)",
    "SELECT get_lock('a', 1)", "SELECT release_lock('a')", "SELECT release_all_locks()", "SELECT sys_exec('id')",
    "SELECT sys_eval('id')", "SELECT master_pos_wait('a', 1)", "SELECT nextval(s)", "SELECT setval(s, 1)",
    "SELECT lastval(s)", "SELECT * FROM t PROCEDURE ANALYSE()", "SELECT * FROM t PROCEDURE ANALYSE (1, 2)",
    "WITH x AS (SELECT 1) UPDATE (t) SET a = 1", "WITH x AS (SELECT 1) UPDATE .t SET a = 1",
    "WITH x AS (SELECT 1) UPDATE 1t SET a = 1", "SELECT \"load_file\"('x')", "SELECT `a", "SELECT \"a\\\"",
    "SELECT 0x41 INTO OUTFILE '/tmp/x'", "SELECT 1 INTO v", "SELECT '\\\\'; DELETE FROM t",
    "WITH x AS (SELECT 1) DELETE t FROM t", "WITH x AS (SELECT 1) DELETE LOW_PRIORITY QUICK FROM t",
];

#[rustfmt::skip]
const HOSTILE_SQLITE: &[&str] = &[
    "SELECT load_extension('x')", "SELECT readfile('/etc/passwd')", "SELECT writefile('/tmp/x', 'a')",
    "SELECT edit('a')", "SELECT fts3_tokenizer('a', 'b')", "SELECT * FROM pragma_table_info('t')",
    "SELECT * FROM pragma_database_list", "SELECT * FROM main.pragma_table_info('t')",
    "SELECT * FROM 'pragma_table_info'('t')", "SELECT * FROM \"pragma_table_info\"('t')",
    "SELECT * FROM [pragma_table_info]('t')", "SELECT * FROM `pragma_wal_checkpoint`",
    "SELECT [load_extension]('x')", "SELECT * FROM fsdir('/')", "SELECT $x", "SELECT @x", "SELECT ?1",
    "SELECT [a", "SELECT [a]]; DROP TABLE t; --]", "SELECT 'a\\'; DROP TABLE t; --'",
    "SELECT /* /* */ 1; DROP TABLE t -- */", "SELECT 1--x\n; COMMIT",
    "WITH x AS (SELECT 1) REPLACE INTO t VALUES (1)", "WITH x AS (SELECT 1) UPDATE desc SET a = 1", "WITH x AS (SELECT 1) UPDATE 't' SET a = 1", "SELECT zipfile('a', 'b')",
    "SELECT * FROM sqlite_dbpage('main')",
];

/// Around each of the hostile statements, none of which a wrapping may save.
const WRAPPINGS: [(&str, &str); 5] =
    [("", ""), ("  \n", " ;"), ("/* a */ ", " -- b"), ("SELECT ';' AS a; ", ""), ("", "\n;\n-- c\n")];

fn hostile() -> Vec<(Engine, &'static str)> {
    let own = [(Sqlite, HOSTILE_SQLITE), (Postgres, HOSTILE_POSTGRES), (Mysql, HOSTILE_MYSQL)];
    let all = [Sqlite, Postgres, Mysql].into_iter().map(|engine| (engine, HOSTILE)).chain(own);
    all.flat_map(|(engine, texts)| texts.iter().map(move |text| (engine, *text))).collect()
}

#[test]
fn hostile_text_is_refused_by_every_engine_in_every_wrapping() {
    let hostile = hostile();
    assert!(hostile.len() >= 600, "{}", hostile.len());
    let mut accepted = Vec::new();
    for (engine, text) in hostile {
        for (before, after) in WRAPPINGS {
            let text = format!("{before}{text}{after}");
            if Statement::parse(&text, engine).is_ok() {
                accepted.push((engine, text));
            }
        }
    }
    assert!(accepted.is_empty(), "{} accepted: {accepted:#?}", accepted.len());
}
