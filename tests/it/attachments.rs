//! Attached files as others read them: the workbook by openpyxl, the CSV by Python's `csv`. The names in them are hostile.

use kpid::calendar::{Calendar, Period};
use kpid::formula::{Formula, Reason, Reference, Value};
use kpid::measure::{
    Change, Comparison, Good, InForce, Kpi, Level, Measured, Measurement, Others, Point, SegmentChange, Unit, Verdict,
    Why, decompose,
};
use kpid::render::{Audience, Renderer};
use kpid::report::{Attachment, Block, Counts, File, Made, Notes, Report, Row, Show, Small, Words};
use kpid::text::{Name, Text};
use serde_json::{Value as Json, json};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

const HOSTILE: [&str; 9] = [
    "=cmd|'/c calc'!A0",
    "＝1+1",
    "\t=1",
    "@SUM(A1)",
    "-2+3",
    "a;\"b\",\r\n'c'",
    "עברית \u{202b}=1\u{202c} 🍂",
    "+",
    "",
];

fn calendar() -> Calendar {
    let zone = jiff::tz::TimeZone::get("Europe/Madrid").unwrap();
    Calendar { zone, week_starts: jiff::civil::Weekday::Monday, fiscal_year_starts: 1 }
}

fn week(label: &str) -> Period {
    calendar().parse(label).unwrap()
}

fn kpi(id: &str, name: &str, unit: Unit) -> Kpi {
    Kpi {
        id: id.into(),
        name: Text::from(name),
        description: Some(Text::from("+description")),
        formula: Formula::parse("spend.total / base.new").unwrap(),
        unit,
        decimals: None,
        good: Some(Good::Down),
        target: None,
        filter: Default::default(),
        breakdown: Some("channel".into()),
        over: None,
        at_least: None,
        owner: Some("@owner".into()),
        tags: Vec::new(),
    }
}

fn measurement(segment: Option<&str>, value: Value, level: Option<Level>) -> Measurement {
    let target = level.map(|level| InForce { level, near: 0.05, since: None, why: None });
    let verdict = match (&value, &target) {
        (Value::Missing(reason), _) => Verdict::NotJudged(Why::Missing(reason.clone())),
        (_, None) => Verdict::NotJudged(Why::NoTarget),
        (Value::Number(number), Some(target)) => target.judge(*number, Good::Down),
    };
    let segment = segment.map(|segment| ("channel".into(), (!segment.is_empty()).then(|| Name::from(segment))));
    let (inputs, sample, proportion) = (Vec::new(), None, None);
    Measurement { period: week("2026-W46"), segment, value, proportion, inputs, sample, target, verdict }
}

fn measured(kpi: Kpi, before: f64, now: Value, level: Option<Level>, segments: &[&str]) -> Measured {
    let before = Value::Number(before);
    let change = |segment: &&str| SegmentChange {
        value: (!segment.is_empty()).then(|| Name::from(*segment)),
        from: Value::Number(4.0),
        to: now.clone(),
        part: None,
    };
    let change = Change {
        comparison: Comparison::Previous,
        period: week("2026-W45"),
        value: before.clone(),
        inputs: Vec::new(),
        drivers: decompose(&kpi.formula, &[before.clone(), Value::Number(1.0)], &[now.clone(), Value::Number(1.0)]),
        segments: segments.iter().map(change).collect(),
    };
    let point = |label: &str, value: Value| {
        let Measurement { value, target, verdict, .. } = measurement(None, value, level);
        Point { period: week(label), value, target, verdict }
    };
    let missing = Value::Missing(Reason::NoRow { what: "spend.total".into() });
    Measured {
        whole: measurement(None, now.clone(), level),
        segments: segments.iter().map(|name| measurement(Some(name), now.clone(), None)).collect(),
        others: None,
        trend: vec![point("2026-W44", missing), point("2026-W45", before), point("2026-W46", now)],
        changes: vec![change],
        sources: ["spend".into()].into(),
        contrast: None,
        kpi: Arc::new(kpi),
    }
}

fn row(measured: Measured) -> Arc<Row> {
    Arc::new(Row { measured, short: None, moved: Vec::new(), late: false, streak: None })
}

fn words() -> Words {
    let spend = Reference::Measure { source: "spend".into(), measure: "total".into() };
    Words {
        inputs: [(spend, "=Spend".into())].into(),
        dimensions: [("channel".into(), "=Channel".into())].into(),
        sources: [("spend".into(), "@Costs.".into())].into(),
    }
}

fn report() -> Report {
    let euros = |name| kpi("cac", name, Unit::Currency(None));
    let missing = Value::Missing(Reason::SourceFailed { source: "spend".into(), why: "=down".into() });
    let segments = [&HOSTILE[..], &["small", "smaller"]].concat();
    let mut cac = measured(euros("=CAC"), 250.0, Value::Number(-312.4), Some(Level::Value(250.0)), &segments);
    let now = measurement(None, Value::Number(7.5), None);
    cac.others = Some(Others { count: 2, now, before: vec![Value::Number(5.0)] });
    let share = Kpi { id: "share".into(), ..kpi("share", &"x".repeat(300), Unit::Percent) };
    let share = measured(share, 0.5, Value::Number(0.475), Some(Level::Between(0.2, 0.3)), &[]);
    let clv = Kpi { id: "clv".into(), ..euros("CLV 🍂") };
    let clv = measured(clv, 0.0, missing, Some(Level::Value(1e9)), &[]);
    let rows = [row(cac), row(share), row(clv)];
    let title = "A section whose title is longer than a tab";
    let block = |title: &str, rows: &[Arc<Row>]| Block {
        title: Text::from(title),
        text: None,
        show: Show::Table,
        rows: rows.to_vec(),
    };
    Report {
        id: "weekly".into(),
        title: Text::from("=Weekly & \"co\"/\u{202e}x"),
        calendar: calendar(),
        compare: vec![Comparison::Previous],
        blocks: vec![block(title, &rows[..2]), block(title, &rows[2..]), block("=1/[2]", &[])],
        counts: Counts { missed: 1, ..Counts::default() },
        attention: vec![rows[0].clone()],
        notes: Notes::default(),
        words: words(),
        attach: Vec::new(),
        template: None,
        made: Made::new(week("2026-W46"), "2026-11-16T07:00:00Z".parse().unwrap()),
    }
}

/// Who reads English, and numbers as in `locale`.
fn audience(locale: &str) -> Audience {
    Audience { language: "en".into(), locale: locale.to_owned() }
}

fn renderer() -> Renderer {
    Renderer::new(None, "es".into(), "EUR").unwrap()
}

fn file(report: &Report, locale: &str, kind: Attachment) -> File {
    renderer().file(report, &audience(locale), kind).unwrap()
}

/// What `script` prints as JSON about `bytes`; none where Python or what it imports is absent.
fn read(script: &str, bytes: &[u8]) -> Option<Json> {
    let python = if std::path::Path::new("/usr/bin/python3").exists() { "/usr/bin/python3" } else { "python3" };
    let all = std::env::var_os("KPID_TEST_ALL").is_some();
    let child = Command::new(python).args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        assert!(!all, "there is no python3");
        return None;
    };
    // A script that can't import ends before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(bytes);
    let output = child.wait_with_output().unwrap();
    if output.status.code() == Some(9) {
        assert!(!all, "there is no openpyxl for {python}");
        eprintln!("LEFT OUT: a workbook is not read back: there is no openpyxl for {python}");
        return None;
    }
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

const WORKBOOK: &str = r#"
import sys, io, json, zipfile
try:
    import openpyxl
except ImportError:
    sys.exit(9)
data = sys.stdin.buffer.read()
book = openpyxl.load_workbook(io.BytesIO(data))
sheets = []
for sheet in book:
    rows = [[[str(c.value) if c.data_type == "d" else c.value, c.data_type, c.number_format] for c in row] for row in sheet.iter_rows()]
    sheets.append(dict(name=sheet.title, rows=rows, frozen=sheet.freeze_panes, filter=sheet.auto_filter.ref,
        repeat=sheet.print_title_rows, landscape=sheet.page_setup.orientation, paper=sheet.page_setup.paperSize,
        fit=[sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage],
        footer=[sheet.oddFooter.left.text, sheet.oddFooter.center.text, sheet.oddFooter.right.text],
        outline=[n for n, d in sheet.row_dimensions.items() if d.outlineLevel],
        bold=[c.row for c in sheet["A"] if c.font.bold], wrapped=[c.row for c in sheet["A"] if c.alignment.wrap_text],
        wide=sheet.column_dimensions["A"].width))
parts = {name: zipfile.ZipFile(io.BytesIO(data)).read(name).decode() for name in zipfile.ZipFile(io.BytesIO(data)).namelist()}
print(json.dumps(dict(sheets=sheets, title=book.properties.title, created=str(book.properties.created),
    formulas=[name for name, text in parts.items() if "worksheets/" in name and "<f" in text.replace("<fo", "")])))
"#;

const LONG: &str = r#"
import sys, csv, io, json
text = sys.stdin.buffer.read().decode("utf-8")
assert text[0] == "\ufeff" and text.endswith("\r\n")
separator = ";" if ";" in text.split("\r\n")[0] else ","
print(json.dumps(list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=separator, strict=True))))
"#;

fn cells(sheet: &Json, row: usize) -> &[Json] {
    sheet["rows"][row].as_array().unwrap()
}

#[test]
fn workbook_opens_with_numbers_as_numbers_and_no_formula() {
    let file = file(&report(), "es-ES", Attachment::Xlsx);
    assert_eq!(file.name, "=Weekly & co x 2026-W46.xlsx");
    let Some(book) = read(WORKBOOK, &file.bytes) else { return };
    assert_eq!(book["formulas"], json!([]));
    assert_eq!(
        (&book["title"], &book["created"]),
        (&json!("=Weekly & \"co\"/\u{202e}x"), &json!("2026-11-16 07:00:00"))
    );
    let names: Vec<&str> = book["sheets"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    let tab = "A section whose title is longer";
    assert_eq!(names, [tab, "A section whose title is lo (2)", "1--2-", "Definitions", "Data"]);
    for sheet in book["sheets"].as_array().unwrap() {
        let kinds = sheet["rows"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
        assert!(kinds.clone().all(|cell| ["s", "n", "d"].contains(&cell[1].as_str().unwrap())), "{sheet}");
        assert_eq!((&sheet["landscape"], &sheet["paper"]), (&json!("landscape"), &json!(9)));
        assert_eq!(sheet["fit"], json!([1, 0, true]));
    }
}

#[test]
fn section_shows_values_as_the_mail_does() {
    let file = file(&report(), "es-ES", Attachment::Xlsx);
    let Some(book) = read(WORKBOOK, &file.bytes) else { return };
    let sheet = &book["sheets"][0];
    assert_eq!((&sheet["frozen"], &sheet["repeat"]), (&json!("B6"), &json!("$5:$5")), "{sheet}");
    assert_eq!(
        sheet["footer"],
        json!(["=Weekly && \"co\"/\u{202e}x", "Monday 9 to Sunday 15 November 2026 · week 46", "&P / &N"])
    );
    let value = |row: usize, column: usize| cells(sheet, row)[column].clone();
    assert_eq!(value(2, 0)[0], "Data as of 16 November 2026, 08:00 · Times in Europe/Madrid");
    assert_eq!((value(5, 0), value(5, 3)[0].clone()), (json!(["=CAC", "s", "General"]), json!("● on target")));
    assert_eq!(value(5, 1), json!([-312.4, "n", "#,##0.00\"\u{a0}€\""]));
    assert_eq!(value(5, 2), json!([250, "n", "\"≤\u{a0}\"#,##0\"\u{a0}€\""]));
    assert_eq!(value(5, 4)[0], json!(-562.4), "from +250 there is no share");
    assert!(value(5, 4)[2].as_str().unwrap().ends_with("\"\u{a0}€\""), "{sheet}");
    for (index, name) in HOSTILE.iter().enumerate() {
        // XML has no bare carriage return; openpyxl gives back the line break.
        let shown = if name.is_empty() { "(none)".to_owned() } else { name.replace("\r\n", "\n") };
        let read = value(6 + index, 0)[0].as_str().unwrap().replace("_x000D_", "").replace("\r\n", "\n");
        assert_eq!(read, shown);
    }
    assert_eq!((value(15, 0)[0].clone(), value(15, 1)[0].clone()), (json!("2 others"), json!(7.5)));
    let total = [0, 2, 3, 5].map(|column| value(16, column)[0].clone());
    assert_eq!(total, [json!("Total"), Json::Null, Json::Null, Json::Null]);
    assert_eq!((&value(16, 1), &value(16, 4)), (&value(5, 1), &value(5, 4)), "the whole, as in the KPI's own line");
    assert_eq!(sheet["outline"], json!([7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]));
    assert_eq!(value(17, 1), json!([0.475, "n", "#,##0.0\"\u{a0}\"%"]));
    assert_eq!(value(17, 2)[0], "20–30\u{a0}%");
    let points = value(17, 4);
    assert!((points[0].as_f64().unwrap() + 2.5).abs() < 1e-9 && points[2].as_str().unwrap().contains("pp"), "{points}");
}

#[test]
fn missing_value_is_an_empty_cell_with_its_reason() {
    let file = file(&report(), "en-GB", Attachment::Xlsx);
    let Some(book) = read(WORKBOOK, &file.bytes) else { return };
    let row = cells(&book["sheets"][1], 5);
    assert_eq!((&row[1][0], &row[4][0]), (&Json::Null, &Json::Null));
    assert_eq!(row[5][0], "source @Costs (spend) did not answer");
    assert_eq!(row[3][0], "○ not judged");
}

#[test]
fn definitions_say_what_the_glossary_does() {
    let file = file(&report(), "en-GB", Attachment::Xlsx);
    let Some(book) = read(WORKBOOK, &file.bytes) else { return };
    let sheet = &book["sheets"][3];
    assert_eq!((&sheet["frozen"], sheet["rows"].as_array().unwrap().len()), (&json!("B2"), 4));
    let texts: Vec<&str> = cells(sheet, 1).iter().map(|cell| cell[0].as_str().unwrap()).collect();
    let formula = "=Spend ÷ new (base)";
    let expected =
        ["=CAC", "cac", "+description", formula, "EUR", "lower is better", "≤\u{a0}€250", "@owner", "@Costs (spend)"];
    assert_eq!(texts, expected);
}

#[test]
fn data_sheet_and_csv_have_the_same_lines() {
    let report = report();
    let Some(book) = read(WORKBOOK, &file(&report, "es-ES", Attachment::Xlsx).bytes) else { return };
    let sheet = &book["sheets"][4];
    let lines = read(LONG, &file(&report, "es-ES", Attachment::Csv).bytes).unwrap();
    let lines = lines.as_array().unwrap();
    assert_eq!(sheet["rows"].as_array().unwrap().len(), lines.len());
    assert_eq!((&sheet["frozen"], &sheet["filter"]), (&json!("A2"), &json!(format!("A1:N{}", lines.len()))));
    for (index, line) in lines.iter().enumerate().skip(1) {
        for (column, cell) in cells(sheet, index).iter().enumerate() {
            let text = line[column].as_str().unwrap();
            match &cell[0] {
                Json::Null => assert_eq!(text, "", "{line}"),
                Json::Number(number) => {
                    let read: f64 = text.replace(',', ".").parse().unwrap();
                    assert_eq!(read, number.as_f64().unwrap(), "{line}");
                }
                other => {
                    let plain = |text: &str| text.replace("_x000D_", "").replace("\r\n", "\n");
                    let other = other.as_str().unwrap().trim_end_matches(" 00:00:00");
                    let unquoted = text.strip_prefix('\'').unwrap_or(text);
                    assert_eq!(plain(unquoted), plain(other), "{line}");
                }
            }
        }
    }
}

#[test]
fn csv_is_read_back_as_it_was_meant() {
    let own = file(&report(), "es-ES", Attachment::Csv);
    assert_eq!((own.name.as_str(), own.kind), ("=Weekly & co x 2026-W46.csv", "text/csv; charset=utf-8"));
    let lines = read(LONG, &own.bytes).unwrap();
    let line =
        |index: usize| lines[index].as_array().unwrap().iter().map(|cell| cell.as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(line(0)[..5], ["Period", "From", "Until", "Id", "KPI"]);
    let reason = "there is no data for =Spend";
    let expected = [
        "2026-W44",
        "2026-10-26",
        "2026-11-01",
        "cac",
        "'=CAC",
        "",
        "",
        "",
        "EUR",
        "",
        "250",
        "not judged",
        "",
        reason,
    ];
    assert_eq!(line(1), expected);
    assert_eq!(line(2)[7..12], ["250", "EUR", "", "250", "on target"]);
    assert_eq!(line(3)[5..8], ["'=Channel", "'=cmd|'/c calc'!A0", "4"]);
    assert_eq!(line(14)[..8], ["2026-W46", "2026-11-09", "2026-11-15", "cac", "'=CAC", "", "", "-312,4"]);
    for (index, name) in HOSTILE.iter().enumerate() {
        let guarded = match *name {
            "" => "(none)".to_owned(),
            name if name.starts_with(['a', 'ע']) => name.to_owned(),
            name => format!("'{name}"),
        };
        assert_eq!(line(15 + index)[6], guarded);
    }
    let english = file(&report(), "en-GB", Attachment::Csv);
    let english = read(LONG, &english.bytes).unwrap();
    assert_eq!(english[14][7], "-312.4");
}

#[test]
fn target_without_an_upper_or_lower_end_has_none() {
    let limits = |good: Option<Good>, level: Level| {
        let kpi = Kpi { good, breakdown: None, ..kpi("a", "A", Unit::Number) };
        let mut report = report();
        let rows = [row(measured(kpi, 1.0, Value::Number(2.0), Some(level), &[]))];
        report.blocks = vec![Block { title: "A".into(), text: None, show: Show::Table, rows: rows.to_vec() }];
        let lines = read(LONG, &file(&report, "en-GB", Attachment::Csv).bytes).unwrap();
        let last = lines.as_array().unwrap().last().unwrap();
        (last[9].as_str().unwrap().to_owned(), last[10].as_str().unwrap().to_owned())
    };
    let check = |good, level, low: &str, high: &str| assert_eq!(limits(good, level), (low.to_owned(), high.to_owned()));
    check(Some(Good::Up), Level::Value(3.5), "3.5", "");
    check(Some(Good::Down), Level::Value(3.5), "", "3.5");
    check(Some(Good::Neutral), Level::Value(3.5), "3.5", "3.5");
    check(None, Level::Value(3.5), "3.5", "3.5");
    check(Some(Good::Up), Level::Between(1.0, 2.0), "1", "2");
    check(Some(Good::Down), Level::Between(1.0, 2.0), "1", "2");
}

#[test]
fn notes_have_a_sheet_of_their_own_when_there_are_any() {
    let mut report = report();
    let hostile = "=HYPERLINK(\"x\")";
    let small = |has| Small { kpi: hostile.into(), has, needs: 100.0, segments: 0 };
    report.notes.running = true;
    report.notes.small = vec![small(40.0), small(41.0)];
    report.notes.missing = vec![(Reason::NoRow { what: "spend.total".into() }, vec!["=CLV".into()])];
    let file = file(&report, "es-ES", Attachment::Xlsx);
    let Some(book) = read(WORKBOOK, &file.bytes) else { return };
    let sheets = book["sheets"].as_array().unwrap();
    let names: Vec<&Json> = sheets.iter().map(|sheet| &sheet["name"]).collect();
    assert_eq!(names[2..], ["1--2-", "Notes", "Definitions", "Data"]);
    let notes = &sheets[3];
    let texts: Vec<&str> =
        notes["rows"].as_array().unwrap().iter().map(|row| row[0][0].as_str().unwrap_or_default()).collect();
    assert!(texts[4].starts_with("Values run "), "{texts:?}");
    let expected = ["", "No value", "=CLV: there is no data for =Spend.", "", "Small samples"];
    assert_eq!((texts[0], &texts[5..10]), ("Notes", &expected[..]));
    for (line, sample) in texts[10..].iter().zip(["40", "41"]) {
        assert!(line.starts_with(hostile) && line.contains(sample), "{texts:?}");
    }
    assert_eq!((&notes["bold"], &notes["wrapped"]), (&json!([1, 7, 10]), &json!([5, 7, 8, 10, 11, 12])));
    assert!(notes["wide"].as_f64().unwrap() > 100.0, "{notes}");
    assert_eq!(book["formulas"], json!([]));
}

#[test]
fn same_report_is_the_same_files() {
    let (first, again) = (report(), report());
    let xlsx = |report: &Report| file(report, "es-ES", Attachment::Xlsx);
    let csv = |report: &Report| file(report, "es-ES", Attachment::Csv);
    assert_eq!((xlsx(&first), csv(&first)), (xlsx(&again), csv(&again)));
    // No part carries the time at which it was packed: 1980-01-01, as MS-DOS writes it.
    let bytes = xlsx(&first).bytes;
    let parts = bytes.windows(4).enumerate().filter(|(_, magic)| magic == b"PK\x03\x04");
    assert!(parts.map(|(at, _)| &bytes[at + 10..at + 14]).all(|time| time == [0, 0, 0x21, 0]));
}

#[test]
fn report_as_json_has_raw_numbers_beside_what_readers_see() {
    let json = renderer().json(&report(), &audience("es-ES")).unwrap();
    assert_eq!((&json["id"], &json["period"]["label"]), (&json!("weekly"), &json!("2026-W46")));
    assert_eq!(json["sections"][0]["kpis"], json!(["cac", "share"]));
    let cac = &json["kpis"][0];
    assert_eq!((&cac["value"], &cac["verdict"]), (&json!(-312.4), &json!("met")));
    let shown = json!({ "value": "-312,40\u{a0}€", "target": "≤\u{a0}250\u{a0}€", "changes": ["-562,40\u{a0}€"] });
    assert_eq!(cac["shown"], shown);
    assert_eq!(cac["segments"][1]["shown"]["changes"], json!(["-316,40\u{a0}€"]));
    assert_eq!((&cac["others"]["count"], &cac["others"]["shown"]["value"]), (&json!(2), &json!("7,50\u{a0}€")));
    assert_eq!(cac["breakdown"], json!({ "dimension": "channel", "name": "=Channel" }));
    assert_eq!(json["kpis"][2]["shown"]["value"], "—");
    assert_eq!(json["attention"], json!(["cac"]));
}

#[test]
fn empty_report_is_a_workbook_all_the_same() {
    let mut report = report();
    report.blocks.clear();
    let file = file(&report, "en-US", Attachment::Xlsx);
    let Some(book) = read(WORKBOOK, &file.bytes) else { return };
    assert_eq!(book["sheets"].as_array().unwrap().len(), 2);
}
