//! What is accepted, what is found in it, and how refusals read; over the three engines.

use super::*;
use Engine::{Mysql, Postgres, Sqlite};
use proptest::prelude::*;

const ENGINES: [Engine; 3] = [Sqlite, Postgres, Mysql];

/// A text, then its parameters in order, each as `name`, `name:column` or `name:table.column`.
type Honest = (&'static str, &'static str);

const HONEST: &[Honest] = &[
    ("SELECT 1", ""),
    ("select 1;", ""),
    (" SELECT 1 ; ; -- done\n/* really */ ", ""),
    ("VALUES (1), (2)", ""),
    ("(SELECT 1) UNION ALL (SELECT 2)", ""),
    ("((SELECT 1))", ""),
    (
        "SELECT count(*) AS n FROM leads WHERE created_at >= :start AND created_at < :end",
        "start:created_at end:created_at",
    ),
    (
        "SELECT count(*) FROM leads l WHERE l.created_at >= :start AND :end > l.created_at",
        "start:leads.created_at end:leads.created_at",
    ),
    (
        "SELECT 1 FROM s.leads AS l JOIN deals d ON d.lead=l.id WHERE d.won BETWEEN :start AND :end",
        "start:deals.won end:deals.won",
    ),
    ("SELECT 1 FROM a x, b x WHERE x.d = :start_date", "start_date:x.d"),
    ("SELECT 1 FROM t WHERE d NOT BETWEEN :start_date AND :end_date AND e = 1", "start_date:d end_date:d"),
    ("SELECT 1 FROM t WHERE :start BETWEEN valid_from AND valid_to", "start:valid_from"),
    ("SELECT 1 FROM t WHERE since < :start AND (until IS NULL OR until >= :start)", "start:since start:until"),
    ("SELECT 1 FROM t WHERE date(created_at) >= :start_date", "start_date"),
    ("SELECT 1 FROM t WHERE a + b >= :start", "start"),
    ("SELECT 1 FROM t WHERE a >= :end - 30", "end"),
    ("SELECT 1 FROM t WHERE a >= CAST(:start AS date)", "start"),
    ("SELECT CASE WHEN a >= :start THEN 1 ELSE 0 END FROM t", "start:a"),
    ("SELECT CASE WHEN x THEN y END >= :start FROM t", "start"),
    ("SELECT :timezone AS tz, ':start' AS s, ':nobody' AS n FROM t -- :nobody", "timezone"),
    ("SELECT 1 /* :start :nobody ? ; DROP */ FROM t WHERE a=:start", "start:a"),
    ("SELECT ';', '--', '/*' FROM t WHERE x = 'it''s :end'", ""),
    ("SELECT a, sum(b) OVER (PARTITION BY c ORDER BY d ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) FROM t", ""),
    ("WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a) SELECT * FROM b WHERE x < :end", "end:x"),
    ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n", ""),
    ("SELECT a FROM t EXCEPT SELECT b FROM u INTERSECT SELECT c FROM v", ""),
    ("SELECT replace(a, 'x', 'y') FROM t", ""),
    ("SELECT t.update, t.delete, t . into, t.lock FROM t", ""),
    ("SELECT a AS x FROM t GROUP BY a HAVING min(d) >= :start ORDER BY 1 LIMIT 10", "start"),
    ("SELECT (a), -b, +c, a*b, a/b, a%b, a<>b, a!=b, a<=b, a>=b, 1.5, .5, 1e5, 1.5e-5 FROM t", ""),
    ("SELECT updated_at, inserted, deleted, merged, locked, for_update FROM into_account", ""),
    ("SELECT a.ñandú, año FROM ventas WHERE año >= :start", "start:año"),
    ("SELECT 1 FROM t WHERE a >= :start\nAND a < :end\nGROUP BY b", "start:a end:a"),
    ("SELECT 1 FROM t WHERE a >=:start AND a<:end", "start:a end:a"),
    ("SELECT count(DISTINCT x) FROM t LEFT JOIN u ON u.day = :start_date WHERE t.a IS NOT NULL", "start_date:u.day"),
    ("SELECT coalesce(sum(a), 0) FROM (SELECT a FROM t WHERE b < :end) AS x", "end:b"),
    ("SELECT EXISTS (SELECT 1 FROM t WHERE a = :start)", "start:a"),
];

const HONEST_POSTGRES: &[Honest] = &[
    ("SELECT a::date, :start::date, '1'::int, b::numeric(10,2) FROM t", "start"),
    ("SELECT 1 FROM t WHERE a >= :start::date", "start"),
    ("SELECT 1 FROM t WHERE a >= :end - interval '1 day'", "end"),
    ("SELECT 1 FROM t WHERE a >= :start AT TIME ZONE :timezone", "start timezone"),
    ("SELECT 1 FROM t WHERE a BETWEEN :start - interval '1 day' AND :end", "start end:a"),
    ("SELECT 1 FROM \"Leads\" AS L WHERE l.\"Created At\" >= :start", "start:Leads.Created At"),
    ("SELECT 1 FROM Leads WHERE LEADS.Created_At >= :start", "start:leads.created_at"),
    ("SELECT count(*) FILTER (WHERE won) FROM t", ""),
    (
        "SELECT data ->> 'a', data #>> '{a,b}', data -> 0, data ? 'key', data ?| array['a'], data ?& array['b'] FROM t",
        "",
    ),
    ("SELECT 1 FROM t WHERE d ? 'key' AND a ? b AND d @? '$.a ? (@ > 1)' AND d ? ($$k$$)", ""),
    ("SELECT jsonb_path_query(data, '$.a[*] ? (@.b == :x)') FROM t", ""),
    ("SELECT $$ it's :start; DROP $$, $x$ $$ :end $y$ $x$, $ñ$ ; $ñ$", ""),
    ("SELECT a[1:2], a[:2], a[1:], a[n:m], a[f(x):start], a[:start], a[b[1]:end] FROM t", ""),
    ("SELECT ARRAY[:start, :end], ARRAY[[:start]], a[1::int] FROM t", "start end start"),
    ("SELECT a FROM t WHERE b[1:n] = c AND d >= :start", "start:d"),
    ("SELECT make_interval(days := 3), make_interval(days => 3)", ""),
    (r"SELECT E'it\'s :start', E'\xff', U&'d\0061t', x'1F', b'01', n'a'", ""),
    ("SELECT e'a'\n'\\' :end', E'a' -- c\n 'b\\'' FROM t", ""),
    (r"SELECT '\' AS backslash, :start", "start"),
    ("SELECT 1 /* a /* :nobody */ b */ FROM t", ""),
    (
        "SELECT substring(x from 1 for 2), extract(year from d), trim(both 'x' from y), overlay(a placing b from 1 for 2) FROM t",
        "",
    ),
    ("SELECT date_trunc('day', d AT TIME ZONE 'UTC') FROM t", ""),
    (
        "SELECT insert, update, delete, merge, replace FROM audit WHERE update IS NULL AND delete = 1 ORDER BY update DESC",
        "",
    ),
    ("SELECT count(update), sum(delete), (update), max(merge) AS delete FROM audit GROUP BY update", ""),
    ("SELECT a AS into, b AS update, c AS \"delete\" FROM t", ""),
    ("SELECT \"into\", \"update\" FROM \"delete\"", ""),
    ("SELECT (row).update, (t)._x FROM t", ""),
    ("SELECT @ -5, |/ 25, 5 !~ 'a', a ~* 'b', a <-> b, a <@ b, a && b, 1 <= -1, 2 # 3, a|| b, 5*-1 FROM t", ""),
    ("SELECT 1 FROM t WHERE a IS DISTINCT FROM b AND c>=-1", ""),
    ("SELECT * FROM generate_series(:start, :end, '1 day') d, LATERAL (SELECT 1) x", "start end"),
    ("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM t TABLESAMPLE SYSTEM (10)", ""),
    ("WITH x AS MATERIALIZED (SELECT 1) TABLE x", ""),
    ("WITH RECURSIVE x AS (SELECT 1 a) SEARCH DEPTH FIRST BY a SET b SELECT * FROM x", ""),
    ("SELECT t.lo_price, nextval, t.pg_id FROM t", ""),
    ("SELECT a$b, c FROM t WHERE d$e >= :start", "start:d$e"),
    ("SELECT currval('s'), current_setting('x')", ""),
    ("SELECT 1 -- ends at a return :nobody\r, :start", "start"),
    ("SELECT 1_000, 0xFF", ""),
];

const HONEST_MYSQL: &[Honest] = &[
    ("SELECT `a b`, `update`, `c``d` FROM `into` WHERE `created at` >= :start", "start:created at"),
    ("SELECT 1 FROM `leads` `l` WHERE `l`.`day` >= :start", "start:leads.day"),
    (r#"SELECT 'it\'s :start', "a :end \" b", 'a''b' FROM t"#, ""),
    ("SELECT INSERT(a, 1, 2, 'x'), REPLACE(a, 'b', 'c') FROM t", ""),
    ("SELECT 1--1, 2 - -1 FROM t # :nobody\n WHERE a = :start", "start:a"),
    ("SELECT 1 -- :nobody\n, :start", "start"),
    ("SELECT data->'$.a', data->>'$.b' FROM t", ""),
    ("SELECT @@version, @a, $x FROM t", ""),
    ("SELECT 1 FROM t WHERE a <=> :start AND b >= :end - INTERVAL 1 DAY", "start:a end"),
    ("SELECT /*+ NO_INDEX_MERGE(t) */ 1 FROM t USE INDEX FOR JOIN (i)", ""),
    ("SELECT 1st, 2nd.a FROM 2nd", ""),
    ("SELECT x'4D', 0x41, 0b01, N'a', _utf8mb4'a'", ""),
    ("SELECT * FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2026-01-01 00:00:00'", ""),
    ("SELECT GROUP_CONCAT(a ORDER BY b SEPARATOR ', ') FROM t WHERE a COLLATE utf8mb4_bin = 'x'", ""),
    ("SELECT DATE_FORMAT(a, '%Y-%m') FROM t STRAIGHT_JOIN u WHERE EXTRACT(DAY FROM a) = 1", ""),
    ("SELECT SUBSTRING(a FROM 1 FOR 2) FROM t", ""),
];

const HONEST_SQLITE: &[Honest] = &[
    ("SELECT [a b], `c d`, \"e f\", [update] FROM [my into] WHERE [day] >= :start", "start:day"),
    ("SELECT data ->> '$.a', data -> 'b' FROM t", ""),
    ("SELECT strftime('%Y-%m', day) FROM t WHERE day == :start_date", "start_date:day"),
    (r"SELECT '\' AS b, x'00', :end /* /* :nobody */", "end"),
    ("SELECT 1 FROM t INDEXED BY i WHERE a GLOB 'x?' AND b >= :start", "start:b"),
    ("SELECT count(*) FILTER (WHERE a) FROM t NOT INDEXED", ""),
    ("SELECT replace, update_count FROM t", ""),
    ("SELECT iif(a, b, c), 𝒳 FROM t WHERE d < :end", "end:d"),
];

fn honest() -> Vec<(Engine, Honest)> {
    let own = [(Sqlite, HONEST_SQLITE), (Postgres, HONEST_POSTGRES), (Mysql, HONEST_MYSQL)];
    let all = ENGINES.into_iter().map(|engine| (engine, HONEST)).chain(own);
    all.flat_map(|(engine, cases)| cases.iter().map(move |case| (engine, *case))).collect()
}

fn parse(text: &str, engine: Engine) -> Statement {
    Statement::parse(text, engine).unwrap_or_else(|problems| panic!("{engine:?} {text}: {problems:#?}"))
}

fn described(occurrence: &Occurrence) -> String {
    let column = occurrence.compared.as_ref().map(|column| match &column.table {
        Some(table) => format!(":{table}.{}", column.column),
        None => format!(":{}", column.column),
    });
    format!("{}{}", occurrence.param.name(), column.unwrap_or_default())
}

#[test]
fn honest_queries_are_accepted_with_their_parameters() {
    for (engine, (text, expected)) in honest() {
        let statement = parse(text, engine);
        let found: Vec<_> = statement.params().iter().map(described).collect();
        assert_eq!(found.join(" "), expected, "{engine:?} {text}");
        check_identity(&statement);
    }
}

/// Rewriting each parameter as itself gives the text back, but for a trailing `;` and what is no token.
fn check_identity(statement: &Statement) {
    let same = statement.rewrite(|i, occurrence| {
        assert_eq!(&statement.params()[i], occurrence);
        format!(":{}", occurrence.param.name())
    });
    let rest = statement.text.strip_prefix(&same).expect("a prefix of the text");
    let tokens = tokenise(rest, statement.engine).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert!(tokens.iter().all(|token| token.is(";")), "{rest}");
}

#[test]
fn rewriting_keeps_everything_but_parameters_and_the_end() {
    let check = |engine, text: &str, expected: &str| {
        let sql = parse(text, engine).rewrite(|i, occurrence| format!("${}<{}>", i + 1, occurrence.param.name()));
        assert_eq!(sql, expected);
    };
    check(
        Postgres,
        "SELECT ':end', :start::date -- :x\n, a[1:2] ; -- bye",
        "SELECT ':end', $1<start>::date -- :x\n, a[1:2]",
    );
    check(Mysql, "/* hi */ SELECT :start, :end_date, :start", "/* hi */ SELECT $1<start>, $2<end_date>, $3<start>");
    check(Sqlite, "SELECT 'ñ', :timezone;", "SELECT 'ñ', $1<timezone>");
}

#[test]
fn tables_are_found_wherever_they_stand() {
    let check = |engine, text: &str, expected: &str| {
        let written = |table: &TableName| [&*table.qualifiers, std::slice::from_ref(&table.name)].concat().join(".");
        let tables: Vec<_> = parse(text, engine).tables().iter().map(written).collect();
        assert_eq!(tables.join(" "), expected, "{text}");
    };
    for engine in ENGINES {
        check(engine, "SELECT 1", "");
        check(
            engine,
            "SELECT a FROM t, s.u AS x, (SELECT b FROM v, w WHERE c IN (1, 2)) y, z WHERE a IN (p, q)",
            "t s.u v w z",
        );
        check(
            engine,
            "SELECT a FROM t LEFT JOIN u ON (t.a = u.a) JOIN (v JOIN w USING (a)) ON 1, x GROUP BY a, b",
            "t u v w x",
        );
        check(
            engine,
            "WITH c AS (SELECT a FROM t) SELECT a, (SELECT max(b) FROM u) FROM c UNION SELECT 1, 2 FROM t",
            "t u c",
        );
        check(engine, "SELECT trim(both 'x' from y), a FROM t", "t");
    }
    check(
        Postgres,
        "SELECT extract(day from d) FROM ONLY Leads, \"Deals\", LATERAL (SELECT 1 FROM x) l, generate_series(1, 2) g, u",
        "leads Deals x u",
    );
    check(Postgres, "SELECT a IS DISTINCT FROM b, c FROM t", "t");
    check(Mysql, "SELECT 1 FROM `a``b`, Leads", "a`b Leads");
    check(Postgres, "SELECT 1 FROM Shop.\"Sales\".T a, u", "shop.Sales.t u");
    check(Mysql, "SELECT 1 FROM `a.b` . `c` x, c", "a.b.c c");
    check(Sqlite, "SELECT 1 FROM [a b], \"c\"\"d\"", "a b c\"d");
}

#[test]
fn problems_say_what_is_wrong_and_what_to_do() {
    let check = |engine, text: &str, expected: &[(&str, &str, &str)]| {
        let problems = Statement::parse(text, engine).expect_err(text);
        let found: Vec<_> = problems
            .iter()
            .map(|p| (&text[p.span.clone()], &*p.message, p.help.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(found, expected, "{text}");
    };
    let all = ":start, :end, :start_date, :end_date, :timezone";
    let reads = "a source only reads: write one SELECT, WITH … SELECT or VALUES";
    let one = "one statement a source: make it a source of its own, or join both with WITH";
    let quote = format!("{reads}; if `DELETE` is a column or an alias, quote it");
    let beyond = "it reaches beyond reading tables (files, locks, settings, waiting); leave it out";
    let strat = format!("did you mean :start? there are {all}");
    let (who, named) = (format!("there are {all}"), format!("name what is meant: {all}"));

    check(Sqlite, "", &[("", "there is no SQL", reads)]);
    check(Sqlite, " -- nothing\n;", &[("", "there is no SQL", reads)]);
    check(Sqlite, "DROP TABLE t", &[("DROP", "the SQL begins with `DROP`", reads)]);
    check(Sqlite, "INSERT INTO t VALUES (1)", &[("INSERT", "the SQL begins with `INSERT`", reads)]);
    let table = "write SELECT * FROM … in place of TABLE …";
    check(Postgres, "TABLE t", &[("TABLE", "the SQL begins with `TABLE`", table)]);
    let second = ("DELETE FROM t;", "there is a second statement", one);
    check(Sqlite, "SELECT 1; DELETE FROM t;", &[second]);
    let deletes = ("DELETE", "`DELETE` changes data", &*quote);
    check(Sqlite, "WITH x AS (SELECT 1) DELETE FROM t", &[deletes]);
    check(
        Postgres,
        "SELECT :strat, :who, $1",
        &[
            (":strat", "there is no parameter `:strat`", &*strat),
            (":who", "there is no parameter `:who`", &*who),
            ("$1", "`$1` has no value", &*named),
        ],
    );
    let into = "delete the INTO clause; kpid reads the rows itself";
    check(
        Mysql,
        "SELECT 1 FROM t WHERE 1 AND:start < a INTO OUTFILE 'x'",
        &[(":start", "`:start` needs a space before it", ""), ("INTO", "`INTO` writes the rows somewhere", into)],
    );
    let comment = "write it outside the comment, or delete it";
    check(Mysql, "SELECT /*! 1 */ 2", &[("/*! 1 */", "MySQL executes what this comment holds", comment)]);
    check(
        Postgres,
        "SELECT pg_sleep(1) FROM t FOR SHARE",
        &[
            ("pg_sleep", "`pg_sleep` is not for sources", beyond),
            ("FOR", "this clause locks rows", "delete the FOR clause"),
        ],
    );
    check(Postgres, "SELECT 'ñ", &[("'ñ", "this string is not closed", "")]);
    let again = "type it again, or quote the name it belongs to";
    check(Sqlite, "SELECT\u{a0}1", &[("\u{a0}", "the character U+00A0 stands outside quotes", again)]);
    check(Sqlite, "SELECT '\0'", &[("\0", "the SQL holds the invisible character U+0000", "delete it")]);
    check(Sqlite, &" ".repeat(MAX_BYTES + 1), &[("", "the SQL is longer than 256 KiB", "")]);
}

#[test]
fn clocks_are_advised_against() {
    let check = |engine, text: &str, expected: &[&str]| {
        let statement = parse(text, engine);
        let found: Vec<_> = statement.advice().iter().map(|advice| &text[advice.span.clone()]).collect();
        assert_eq!(found, expected, "{text}");
    };
    for engine in ENGINES {
        let text = "SELECT now(), CURRENT_DATE, t.now, \"now\", 1 AS current_date, now FROM t";
        check(engine, text, &["now", "CURRENT_DATE"]);
    }
    check(
        Sqlite,
        "SELECT date('now'), date('now', '-1 day'), date(), date(a), 'now' AS x",
        &["'now'", "'now'", "date"],
    );
    check(Postgres, "SELECT 'now'::date, date 'today', 'now'", &["'now'", "'today'"]);
    let text = "SELECT curdate(), unix_timestamp(), unix_timestamp(a), sysdate(6)";
    check(Mysql, text, &["curdate", "unix_timestamp", "sysdate"]);
    let statement = parse("SELECT now()", Mysql);
    let advice = &statement.advice()[0];
    assert_eq!(advice.message, "`now()` makes the numbers depend on the moment the query runs");
    assert_eq!(advice.help.as_deref(), Some("use :end (or :end_date), the end of the period that is reported"));
}

#[test]
fn asking_for_the_period_takes_more_than_its_zone() {
    let asks = |text| parse(text, Sqlite).asks_for_period();
    assert!(asks("SELECT :end"));
    assert!(asks("SELECT :start_date"));
    assert!(!asks("SELECT :timezone"));
    assert!(!asks("SELECT 1"));
}

fn parse_everywhere(text: &str) {
    for engine in ENGINES {
        match Statement::parse(text, engine) {
            Ok(statement) => check_identity(&statement),
            Err(problems) => {
                assert!(!problems.is_empty());
                assert!(problems.iter().all(|problem| text.get(problem.span.clone()).is_some()), "{problems:?}");
            }
        }
    }
}

/// Each of these would take minutes if something looked at the whole rest at every step.
#[test]
fn long_texts_take_linear_time() {
    const BYTES: usize = 64 * 1024;
    let started = std::time::Instant::now();
    let units = [
        "+-",
        "、",
        "(",
        ")",
        "[",
        "a,",
        "a x,",
        "E'a'\n",
        "E'a'",
        "$a",
        "$a$ ",
        "/*",
        ":start ",
        "AND :start ",
        "? ",
        "a.",
        "@",
        "1e",
        "--\n",
        "'",
        "`",
        "((SELECT ",
        "a.b = :start AND ",
        "BETWEEN :start AND ",
    ];
    for unit in units {
        let fill = |head: &str| format!("{head}{}", unit.repeat(BYTES / unit.len()));
        parse_everywhere(&fill("SELECT "));
        parse_everywhere(&fill("SELECT 1 FROM "));
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(60), "{:?}", started.elapsed());
}

fn soup() -> impl Strategy<Value = String> {
    #[rustfmt::skip]
    let words = prop::sample::select(vec![
        "SELECT", "WITH", "VALUES", "FROM", "JOIN", "WHERE", "AND", "BETWEEN", "NOT", "INTO", "FOR", "UPDATE", "DELETE", "AS",
        "t", "a.b", "ñ", "\"q\"", "'s'", "E'\\'", "$$", "$x$", "`", "[", "]", "(", ")", ",", ";", ":", "::", ":=", ":start",
        ":end", ":x", "?", "$1", "@", "--", "/*", "*/", "/*!", "#", "'", "\"", "\\", "\n", "\r", " ", "1", "1.", ".5", "e5",
        "=", ">=", "<", "-", "+", "*", "/", "|", "\0", "\u{feff}", "U&", "U&\"", "E", "date(", "now()",
    ]);
    let joined = |pieces: Vec<(&str, bool)>| {
        pieces.into_iter().map(|(word, space)| format!("{word}{}", if space { " " } else { "" })).collect::<String>()
    };
    prop::collection::vec((words, prop::bool::weighted(0.7)), 0..40).prop_map(joined)
}

proptest! {
    #[test]
    fn token_soup_never_panics(text in soup()) {
        parse_everywhere(&text);
        parse_everywhere(&format!("SELECT {text}"));
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        parse_everywhere(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn mutilated_queries_never_panic(i in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in soup()) {
        let honest = honest();
        let text = i.get(&honest).1.0;
        let places: Vec<_> = text.char_indices().map(|(place, _)| place).collect();
        let place = *at.get(&places);
        parse_everywhere(&format!("{}{with}{}", &text[..place], &text[place..]));
        parse_everywhere(&text[..place]);
    }
}
