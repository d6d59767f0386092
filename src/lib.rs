//! kpid: KPIs declared in YAML, measured over SQL, judged against targets, reported by mail.
//!
//! # The path
//! One sentence of the product is one path through these modules. *KPIs are YAML formulas* ([`catalog`]) *over named source queries*
//! ([`query`], [`source`]) *evaluated* ([`formula`]) *for a period* ([`calendar`]) *and compared with targets* ([`measure`])*: a report*
//! ([`report`]) *rendered* ([`render`]) *and emailed* ([`mail`]). [`pipeline`] is where they meet; what is due, made and sent is kept in
//! [`store`] in the terms of [`outbox`]; [`daemon`] does it on a schedule, [`cli`] by hand, [`preview`] at each save of the YAML.
//!
//! Whoever edits the YAML is helped at every step: an editor knows the language by [`catalog::schema`], [`catalog::warnings`] says what
//! works and is hardly meant, [`preview`] shows the mail and takes each KPI apart, [`measure`] tries KPIs on rows that stand for the sources'
//! answers, [`change`] says what is another from one catalogue to the next, and [`render`] writes the site that explains all of them.
//!
//! ```text
//! folder of YAML ─ catalog ─► Catalog ─┐
//!                       calendar ─► Period ─► measure::Request ─► needs ─ source ─► Readings ─► Measured
//!                                                                                                  │
//!                                           .eml or SMTP ◄─ mail ◄─ Letter ◄─ render ◄─ Report ◄───┘
//!                                                  ▲                   │
//!          daemon: schedule ─► due run ─► pipeline └── deliveries ◄─ store (frozen letters, measured values)
//!
//! a save of the YAML ─► preview: the same path from the answers it keeps ─► a local page, never a mail
//! two Catalogs ─► change ─► what readers will notice (`kpid diff`)
//! ```
//!
//! # Layers
//! ```text
//! entry    main → cli → preview → daemon → web
//! flow     pipeline │ change                     the only code that joins edges
//! edges    catalog │ source │ render │ mail │ store │ demo    never import each other
//! meaning  calendar → formula → query → measure → report → outbox    pure: no async, no I/O, no clock
//! words    text, secret
//! ```
//! An arrow never points up; `tests/it/layers.rs` reads the `use` lines and fails when one does. Each outside thing has one owner:
//! YAML [`catalog`], source SQL [`source`], state SQL [`store`], Tera, Fluent, charts, spreadsheets and the site [`render`], lettre [`mail`], axum
//! [`web`] and [`preview`], OpenMetrics [`web`], tokio-cron-scheduler, file watching and systemd [`daemon`], evalexpr [`formula`],
//! croner [`calendar`], clap [`cli`].
//! The wall clock is read in [`calendar::clock`] alone, by [`daemon`] and [`cli`]; everything else is given `now`.
//!
//! # Invariants
//! - A missing value is a fact with a reason ([`formula::Value`]), never 0, and never the failure of a run.
//! - Numerators and denominators are added up before anything is divided; no rate is ever averaged.
//! - Windows are half-open instants of one IANA zone; the period of a report is fixed by its scheduled time.
//! - Every query runs once per window of a run, in one read-only snapshot a database.
//! - Contributions of inputs and segments add up to the change they explain.
//! - Mail, text, page, spreadsheet, CSV, JSON and terminal are projections of one [`report::Report`]; a number differs in none.
//! - What is shown of an edit (preview, test, diff) is measured, judged and rendered by the code that mails it, and reaches nobody else.
//! - The same report rendered for the same readers gives the same bytes; one rendering serves all of a language and locale.
//! - All problems of a folder are reported at once, each with its place and what to do.
//! - Every fire time of a report becomes one run or part of one skipped range, in the transaction that moves the cursor over it.
//! - A mail is sent only after its delivery was committed as being sent, and counts as sent only when the server took it and the store
//!   noted it; who lost a claim writes nothing more. Every attempt of a delivery sends the same bytes.
//! - The daemon remembers nothing that matters: any process can go on from the store.
//!
//! # Deliberately absent
//! There is no leader among daemons, no plugin interface, no query builder, no dashboard and, so far, no archive page: SQL is the query
//! language and mail is the dashboard. The preview is a workbench on its user's own machine: it keeps and sends nothing.

pub mod calendar;
pub mod catalog;
pub mod change;
pub mod cli;
pub mod daemon;
pub mod demo;
pub mod formula;
pub mod mail;
pub mod measure;
pub mod outbox;
pub mod pipeline;
pub mod preview;
pub mod query;
pub mod render;
pub mod report;
pub mod secret;
pub mod source;
pub mod store;
pub mod text;
pub mod web;
