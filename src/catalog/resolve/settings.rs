//! `settings:` → [`Settings`]. What is wrong or absent falls back to a neutral default, so that the rest can be checked with it.

use super::address::{ADDRESS, email};
use super::sections::Sections;
use super::{mail, secret_url};
use crate::calendar::Calendar;
use crate::catalog::context::{Context, Place, Problem};
use crate::catalog::currency;
use crate::catalog::fields::{Fields, Table, wrong_type};
use crate::catalog::form::{Choice, Form, Named, Pattern, key, required, words};
use crate::catalog::node::Node;
use crate::catalog::scalar::{choice, line};
use crate::catalog::settings::{Settings, Web};
use crate::catalog::warnings;
use crate::secret::Secret;
use crate::text::cldr::{self, default_locale};
use crate::text::{Language, is_language};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

pub(super) static SETTINGS: Table = Table {
    what: "`settings`",
    keys: &[
        key(
            "language",
            "`es`, `en`, the default, or any that has a `templates/texts/XX.ftl`",
            Form::Name(Named::Language),
        ),
        key(
            "locale",
            "how numbers and dates are written: `es-ES`, `en-GB`, …; by default that of the language",
            Form::Pattern(&LOCALE),
        )
        .examples(&["es-ES", "en-GB", "en-US"]),
        key("timezone", "IANA name: `Europe/Madrid`; `UTC` by default", Form::Text).examples(&[
            "Europe/Madrid",
            "America/Bogota",
            "UTC",
        ]),
        key("currency", "ISO 4217: `EUR`, the default", Form::Pattern(&CURRENCY)).examples(&["EUR", "USD", "MXN"]),
        key("week_starts", "`monday`, the default, … `sunday`", Form::Words(&words(&WEEKDAYS))),
        key("fiscal_year_starts", "`january`, the default, … `december`", Form::Words(&words(&MONTHS))),
        key(
            "store",
            "`sqlite://kpid.db`, the default, or `postgres://…` when several daemons share the work",
            Form::Pattern(&STORE),
        )
        .examples(&["sqlite://kpid.db"]),
        key("mail", "how reports are sent; absent: none is", Form::Table(&mail::MAIL)),
        key("admin", "address that hears of failures", Form::Pattern(&ADDRESS)).examples(&["ops@example.com"]),
        key("web", "metrics, health and the page that stops mails; absent: none", Form::Table(&WEB)),
    ],
};

static WEB: Table = Table {
    what: "`web`",
    keys: &[
        required("listen", "address and port: `127.0.0.1:8321`", Form::Pattern(&SOCKET)).examples(&["127.0.0.1:8321"]),
        key("public_url", "how readers reach it: `https://kpi.example.com`", Form::Pattern(&HTTP))
            .examples(&["https://kpi.example.com"]),
    ],
};

pub(super) static LOCALE: Pattern = Pattern {
    doc: "a language and a region: `es-ES`, `es-MX`, `en-GB`, `en-US`",
    regex: r"^\s*[a-z]{2,3}-[A-Za-z0-9-]+\s*$",
};
static CURRENCY: Pattern =
    Pattern { doc: "the three letters that ISO 4217 gives a currency", regex: r"^\s*[A-Z]{3}\s*$" };
static STORE: Pattern = Pattern {
    doc: "`sqlite://file` or `postgres://user@host/database`",
    regex: r"^\s*(sqlite|postgres|postgresql)://",
};
static SOCKET: Pattern = Pattern { doc: "an IP address and a port: `127.0.0.1:8321`", regex: r":[0-9]+\s*$" };
static HTTP: Pattern = Pattern { doc: "an address of the web: `https://kpi.example.com`", regex: r"^\s*https?://\S" };

pub(super) fn read(cx: &Context, sections: &Sections) -> Settings {
    let Some(entry) = &sections.settings else {
        let help = "add `settings: { language: es, timezone: Europe/Madrid, currency: EUR }` to one of the files";
        cx.warn_folder(&warnings::NO_SETTINGS, "no `settings`: English, UTC and euros are assumed", help);
        return Settings::default();
    };
    let Some(fields) = Fields::read(cx, &entry.node, entry.at, &SETTINGS) else {
        return Settings::default();
    };
    let default = Settings::default();
    let language = fields.optional("language", language).unwrap_or(default.language);
    let mail = fields.optional("mail", |cx, node| mail::read(cx, node, fields.key_place("mail")));
    let settings = Settings {
        locale: fields.optional("locale", locale).unwrap_or_else(|| default_locale(&language).to_owned()),
        language,
        calendar: Calendar {
            zone: fields.optional("timezone", zone).unwrap_or(TimeZone::UTC),
            week_starts: fields
                .optional("week_starts", |cx, node| choice(cx, node, &WEEKDAYS))
                .unwrap_or(Weekday::Monday),
            fiscal_year_starts: fields
                .optional("fiscal_year_starts", |cx, node| choice(cx, node, &MONTHS))
                .unwrap_or(1),
        },
        currency: fields.optional("currency", currency_code).unwrap_or(default.currency),
        store: fields.optional("store", store).unwrap_or(default.store),
        admin: fields.optional("admin", email),
        web: fields.optional("web", |cx, node| read_web(cx, node, fields.key_place("web"))),
        mail,
    };
    if let Some(admin) = &settings.admin {
        mail::allowed(cx, &settings, admin, fields.key_place("admin"));
    }
    settings
}

pub(super) fn language(cx: &Context, node: &Node) -> Option<Language> {
    let text = line(cx, node)?;
    if cx.languages.contains(&text) {
        return Some(text.into());
    }
    let shown = cx.shown(node.place, &text);
    let there_are: Vec<String> = cx.languages.iter().map(|language| format!("`{language}`")).collect();
    let message = format!("reports can't be in `{shown}`: there are texts in {}", there_are.join(", "));
    let help = is_language(&text).then(|| format!("add them as `templates/texts/{text}.ftl` to this folder"));
    let near = cx.near(&text, cx.languages.iter().map(String::as_str));
    cx.refuse(Problem::error("wrong-value", node.place, message).did_you_mean(near).maybe_help(help))
}

pub(super) fn locale(cx: &Context, node: &Node) -> Option<String> {
    let text = line(cx, node)?;
    let good = text.parse::<icu_locale_core::Locale>().is_ok_and(|locale| locale.to_string() == text);
    let shown = || cx.shown(node.place, &text);
    let message = match good && text.contains('-') {
        true if cldr::locale(&text).is_some() => return Some(text),
        true => format!("nobody knows how `{}` writes: CLDR has no such language", shown()),
        false => format!("`{}` is not a locale", shown()),
    };
    let problem = Problem::error("wrong-value", node.place, message);
    cx.refuse(problem.help("write language and region: `es-ES`, `es-MX`, `en-GB`, `en-US`"))
}

pub(super) fn zone(cx: &Context, node: &Node) -> Option<TimeZone> {
    let text = line(cx, node)?;
    TimeZone::get(&text).ok().or_else(|| {
        let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let problem =
            Problem::error("unknown-name", node.place, format!("unknown time zone `{}`", cx.shown(node.place, &text)));
        let near = cx.near(&text, known.iter().map(String::as_str)).or_else(|| {
            // `Madrid` alone.
            known.iter().map(String::as_str).find(|name| name.rsplit('/').next() == Some(&*text))
        });
        cx.refuse(
            problem.did_you_mean(near).help("time zones have IANA names: `Europe/Madrid`, `America/Bogota`, `UTC`"),
        )
    })
}

pub(super) fn currency_code(cx: &Context, node: &Node) -> Option<String> {
    let text = line(cx, node)?;
    if currency::is_code(&text) {
        return Some(text);
    }
    let problem =
        Problem::error("unknown-name", node.place, format!("unknown currency `{}`", cx.shown(node.place, &text)));
    let near = cx.near(&text, currency::CODES.into_iter());
    cx.refuse(problem.did_you_mean(near).help("currencies have three letters (ISO 4217): `EUR`, `USD`, `MXN`"))
}

fn store(cx: &Context, node: &Node) -> Option<Secret> {
    let text = line(cx, node)?;
    if ["sqlite://", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        return Some(secret_url(cx, node, text));
    }
    wrong_type(cx, node, "`sqlite://file` or `postgres://…`")
}

fn read_web(cx: &Context, node: &Node, at: Place) -> Option<Web> {
    let fields = Fields::read(cx, node, at, &WEB)?;
    let public_url = fields.optional("public_url", |cx, node| {
        let text = line(cx, node)?;
        let good = text.strip_prefix("https://").or(text.strip_prefix("http://")).is_some_and(|rest| !rest.is_empty());
        if good { Some(text) } else { wrong_type(cx, node, "an address such as `https://kpi.example.com`") }
    });
    let listen = fields.required("listen", |cx, node| {
        let text = line(cx, node)?;
        text.parse().ok().or_else(|| wrong_type(cx, node, "an IP address and port such as `127.0.0.1:8321`"))
    });
    Some(Web { listen: listen?, public_url })
}

const WEEKDAYS: [Choice<Weekday>; 7] = [
    ("monday", Weekday::Monday, ""),
    ("tuesday", Weekday::Tuesday, ""),
    ("wednesday", Weekday::Wednesday, ""),
    ("thursday", Weekday::Thursday, ""),
    ("friday", Weekday::Friday, ""),
    ("saturday", Weekday::Saturday, ""),
    ("sunday", Weekday::Sunday, ""),
];

const MONTHS: [Choice<i8>; 12] = [
    ("january", 1, ""),
    ("february", 2, ""),
    ("march", 3, ""),
    ("april", 4, ""),
    ("may", 5, ""),
    ("june", 6, ""),
    ("july", 7, ""),
    ("august", 8, ""),
    ("september", 9, ""),
    ("october", 10, ""),
    ("november", 11, ""),
    ("december", 12, ""),
];

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;

    #[test]
    fn file_of_messages_adds_a_language() {
        let folder = std::env::temp_dir().join(format!("kpid-language-{}", std::process::id()));
        let load = |settings: &str| {
            std::fs::write(
                folder.join("a.yaml"),
                format!("settings: {settings}\npeople: {{ a: {{ email: a@b.es }} }}\n"),
            )
            .unwrap();
            Catalog::load(&folder, &|_| None)
        };
        std::fs::create_dir_all(folder.join("templates/texts")).unwrap();
        std::fs::write(folder.join("templates/texts/fr.ftl"), "notes = Notes\n").unwrap();
        let settings = load("{ language: fr }").unwrap().catalog.settings;
        assert_eq!((&*settings.language, &*settings.locale), ("fr", "fr"));
        let refused = |settings: &str| load(settings).unwrap_err().to_string();
        let german = refused("{ language: de }");
        assert!(german.contains("reports can't be in `de`: there are texts in `en`, `es`, `fr`"), "{german}");
        let nobody = refused("{ locale: xx-XX }");
        assert!(nobody.contains("nobody knows how `xx-XX` writes: CLDR has no such language"), "{nobody}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
