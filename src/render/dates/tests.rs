use super::*;
use crate::render::texts::AllTexts;
use jiff::civil::{Weekday, date, datetime};
use jiff::tz::TimeZone;

/// `locale` with texts in its own language: one that has no texts borrows the Spanish ones, so that its own dates are written.
fn dates(locale: &str) -> Dates {
    let all = AllTexts::load(None).unwrap();
    let texts = all.for_language(&[&locale[..2]]);
    let mut dates = Dates::new(&texts, locale).unwrap();
    dates.locale = cldr::locale(locale).unwrap();
    dates.digits = DecimalFormatter::try_new((&dates.locale).into(), Default::default()).unwrap();
    dates.order = dates.find_order();
    dates
}

/// `~` stands for a no-break space, `^` for a narrow one, `_` for a thin one.
fn visible(text: &str) -> String {
    text.replace('\u{a0}', "~").replace('\u{202f}', "^").replace('\u{2009}', "_")
}

/// Expected values as a full ICU with CLDR 48 writes them, but for hours, which ICU4X aligns.
/// Both days as long dates: what CLDR's interval patterns are checked by.
fn long(dates: &Dates, first: Date, last: Date) -> String {
    dates.days(first, last, DateFieldSet::YMD(YMD::long()), DateFieldSet::MD(MD::long()))
}

#[test]
fn dates_follow_the_locale() {
    let cases = [
        ("es-ES", "6 de noviembre de 2026", "6 nov 2026", "viernes", "noviembre de 2026", "09:30"),
        ("es-MX", "6 de noviembre de 2026", "6 nov 2026", "viernes", "noviembre de 2026", "09:30^a.m."),
        ("en-GB", "6 November 2026", "6 Nov 2026", "Friday", "November 2026", "09:30"),
        ("en-US", "November 6, 2026", "Nov 6, 2026", "Friday", "November 2026", "9:30^AM"),
        ("de-DE", "6. November 2026", "06.11.2026", "Freitag", "November 2026", "09:30"),
        ("fr-FR", "6 novembre 2026", "6 nov. 2026", "vendredi", "novembre 2026", "09:30"),
        ("it-IT", "6 novembre 2026", "6 nov 2026", "venerdì", "novembre 2026", "09:30"),
        ("pt-BR", "6 de novembro de 2026", "6 de nov. de 2026", "sexta-feira", "novembro de 2026", "09:30"),
        ("ja-JP", "2026年11月6日", "2026/11/06", "金曜日", "2026年11月", "9:30"),
        ("ar", "6 نوفمبر 2026", "06\u{200f}/11\u{200f}/2026", "الجمعة", "نوفمبر 2026", "9:30 ص"),
    ];
    for (locale, long, medium, weekday, month, time) in cases {
        let dates = dates(locale);
        let day = date(2026, 11, 6);
        let shown = [
            dates.long(day),
            dates.medium(day),
            dates.weekday(day),
            dates.month(day),
            dates.time(datetime(2026, 11, 6, 9, 30, 0, 0).time()),
        ];
        assert_eq!(shown.map(|text| visible(&text)), [long, medium, weekday, month, time], "{locale}");
    }
}

/// Expected values as a full ICU with CLDR 48 writes them, but for Japanese, which it writes in figures.
#[test]
fn ranges_follow_the_locale() {
    let cases = [
        ("es-ES", "16–22 de noviembre de 2026", "30 de noviembre_–_6 de diciembre de 2026", "16–22 nov 2026"),
        ("es-MX", "16–22 de noviembre de 2026", "30 de noviembre_–_6 de diciembre de 2026", "16–22 nov 2026"),
        ("en-GB", "16_–_22 November 2026", "30 November_–_6 December 2026", "16_–_22 Nov 2026"),
        ("en-US", "November 16_–_22, 2026", "November 30_–_December 6, 2026", "Nov 16_–_22, 2026"),
        ("de-DE", "16.–22. November 2026", "30. November_–_6. Dezember 2026", "16.–22.11.2026"),
        ("fr-FR", "16–22 novembre 2026", "30 novembre_–_6 décembre 2026", "16–22 nov. 2026"),
        ("it-IT", "16–22 novembre 2026", "30 novembre_–_6 dicembre 2026", "16–22 nov 2026"),
        ("pt-BR", "16_–_22 de novembro de 2026", "30 de novembro_–_6 de dezembro de 2026", "16_–_22 de nov. de 2026"),
        ("ja-JP", "2026年11月16日～22日", "2026年11月30日～12月6日", "2026/11/16～22"),
        ("ar", "16–22 نوفمبر 2026", "30 نوفمبر – 6 ديسمبر 2026", "16–22\u{200f}/11\u{200f}/2026"),
    ];
    for (locale, month, year, medium) in cases {
        let dates = dates(locale);
        let shown = [
            long(&dates, date(2026, 11, 16), date(2026, 11, 22)),
            long(&dates, date(2026, 11, 30), date(2026, 12, 6)),
            dates.range_medium(date(2026, 11, 16), date(2026, 11, 22)),
        ];
        assert_eq!(shown.map(|text| visible(&text)), [month, year, medium], "{locale}");
    }
    let es = dates("es-ES");
    assert_eq!(
        visible(&long(&es, date(2026, 12, 28), date(2027, 1, 3))),
        "28 de diciembre de 2026_–_3 de enero de 2027"
    );
    assert_eq!(long(&es, date(2026, 11, 11), date(2026, 11, 11)), "11 de noviembre de 2026");
    assert_eq!(es.months(date(2026, 1, 1), date(2026, 3, 1)), "enero–marzo de 2026");
    assert_eq!(long(&dates("ja-JP"), date(2026, 11, 3), date(2026, 11, 11)), "2026年11月3日～11日");
    assert_eq!(dates("de-DE").range_medium(date(2026, 11, 3), date(2026, 11, 11)), "03.–11.11.2026");
}

fn calendar(fiscal_year_starts: i8) -> Calendar {
    Calendar { zone: TimeZone::get("Europe/Madrid").unwrap(), week_starts: Weekday::Monday, fiscal_year_starts }
}

#[track_caller]
fn check(locale: &str, fiscal_year_starts: i8, label: &str, expected: &str, short: &str) {
    let calendar = calendar(fiscal_year_starts);
    let period = calendar.parse(label).unwrap();
    let dates = dates(locale);
    let shown = [dates.period(&period, &calendar), dates.period_short(&period, &calendar)];
    assert_eq!(shown.map(|text| visible(&text)), [expected, short], "{label} in {locale}");
}

#[test]
fn periods_read_as_words() {
    check("es-ES", 1, "2026-W47", "lunes 16 a domingo 22 de noviembre de 2026 · semana 47", "16–22 nov 2026");
    check(
        "es-ES",
        1,
        "2026-W49",
        "lunes 30 de noviembre a domingo 6 de diciembre de 2026 · semana 49",
        "30 nov_–_6 dic 2026",
    );
    check(
        "es-ES",
        1,
        "2026-W53",
        "lunes 28 de diciembre de 2026 a domingo 3 de enero de 2027 · semana 53",
        "28 dic 2026_–_3 ene 2027",
    );
    check("es-ES", 1, "2026-11-16", "lunes 16 de noviembre de 2026", "16 nov 2026");
    check("es-ES", 1, "2026-11", "noviembre de 2026", "nov 2026");
    check("es-ES", 1, "2026-Q1", "1.er trimestre de 2026", "T1 2026");
    check("es-ES", 1, "2026-Q4", "4.º trimestre de 2026", "T4 2026");
    check("es-ES", 1, "2026", "2026", "2026");
    check("es-ES", 4, "2026", "ejercicio 2026 (abril de 2025_–_marzo de 2026)", "ejercicio 2026");
    check("es-ES", 4, "2026-Q4", "4.º trimestre del ejercicio 2026 (enero–marzo de 2026)", "T4 ejercicio 2026");
    check("en-GB", 1, "2026-W47", "Monday 16 to Sunday 22 November 2026 · week 47", "16_–_22 Nov 2026");
    check("en-US", 1, "2026-W47", "Monday, November 16 to Sunday, November 22, 2026 · week 47", "Nov 16_–_22, 2026");
    check("en-US", 1, "2026-11-16", "Monday, November 16, 2026", "Nov 16, 2026");
    check("en-GB", 1, "2026-11-16", "Monday 16 November 2026", "16 Nov 2026");
    check("en-GB", 1, "2026-Q4", "4th quarter of 2026", "Q4 2026");
    check("en-GB", 4, "2026", "financial year 2026 (April 2025_–_March 2026)", "FY 2026");
    check("en-GB", 4, "2026-Q3", "3rd quarter of financial year 2026 (October_–_December 2025)", "Q3 FY 2026");
}

#[test]
fn running_period_says_how_far_it_has_come() {
    let calendar = calendar(1);
    let period = |cadence| calendar.running(cadence, "2026-11-18T08:30:00Z".parse().unwrap());
    let shown = |locale, cadence| visible(&dates(locale).period(&period(cadence), &calendar));
    assert_eq!(
        shown("es-ES", Cadence::Week),
        "lunes 16 a domingo 22 de noviembre de 2026 · semana 47, hasta el miércoles 18, 09:30"
    );
    assert_eq!(shown("en-GB", Cadence::Month), "November 2026, until Wednesday 18, 09:30");
    assert_eq!(shown("en-US", Cadence::Month), "November 2026, until Wednesday, November 18, 9:30^AM");
    assert_eq!(shown("es-ES", Cadence::Quarter), "4.º trimestre de 2026, hasta el 18 de noviembre de 2026, 09:30");
    let short = |cadence| visible(&dates("es-ES").period_short(&period(cadence), &calendar));
    assert_eq!([short(Cadence::Week), short(Cadence::Month)], ["16–18 nov 2026", "1–18 nov 2026"]);
    assert_eq!(dates("es-ES").until(&period(Cadence::Week), &calendar), "miércoles 18, 09:30");
}

#[test]
fn dates_are_in_the_language_of_the_texts() {
    let all = AllTexts::load(None).unwrap();
    let (en, es) = (all.for_language(&["en"]), all.for_language(&["es"]));
    let long = |texts: &Texts, locale: &str| Dates::new(texts, locale).unwrap().long(date(2026, 11, 6));
    assert_eq!(long(&en, "es-ES"), "6 November 2026");
    assert_eq!(long(&es, "en-US"), "6 de noviembre de 2026");
    let error = Dates::new(&en, "xx-XX").unwrap_err().to_string();
    assert!(error.contains("xx-XX"), "{error}");
}

/// ICU4X panics in a debug build where its data is faulty.
#[test]
fn every_language_of_cldr_can_write_every_date() {
    const LANGUAGES: &str = "af ak am ar as az ba be bg bm bn bo br bs ca ce cs cv cy da de dz ee el en eo es et eu fa ff fi fo fr fy ga gd \
    gl gu gv ha he hi hr hu hy ia id ie ig ii in is it iw ja ji jv jw ka ki kk kl km kn ko ks ku kw ky lb lg ln lo \
    lt lu lv mg mi mk ml mn mo mr ms mt my nb nd ne nl nn no oc om or os pa pl ps pt qu rm rn ro ru rw sa sc sd se \
    sg sh si sk sl sn so sq sr st su sv sw ta te tg th ti tk tl tn to tr tt ug uk ur uz vi wo xh yi yo za zh zu";
    let calendar = calendar(4);
    for language in LANGUAGES.split(' ').filter(|language| cldr::locale(language).is_some()).chain(["pt-BR", "zh-TW"]) {
        let dates = dates(language);
        for label in ["2026-W47", "2026-W53", "2026-11", "2026-Q4", "2026", "2026-11-16"] {
            let period = calendar.parse(label).unwrap();
            let shown = [dates.period(&period, &calendar), dates.period_short(&period, &calendar)];
            assert!(
                shown.iter().all(|text| !text.is_empty() && !text.contains("M11")),
                "{label} in {language}: {shown:?}"
            );
        }
        dates.moment(datetime(2026, 11, 6, 21, 30, 0, 0));
        dates.range_medium(date(2026, 11, 3), date(2026, 11, 11));
    }
}
