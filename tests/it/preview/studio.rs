//! What a save does, without HTTP.

use super::{YAML, edit, installation, studio};
use kpid::preview::{Stats, Studio};
use kpid::render::Audience;

const ANA: fn() -> Audience = || Audience { language: "es".into(), locale: "es-ES".into() };

async fn value(studio: &Studio, kpi: &str) -> f64 {
    let edition = studio.edition("weekly", None).await.unwrap();
    edition.measured(kpi).unwrap().whole.value.number().unwrap()
}

#[tokio::test]
async fn an_edited_formula_target_and_title_ask_no_query() {
    let (folder, url) = installation().await;
    let studio = studio(&folder, &url).await;
    assert_eq!(value(&studio, "leads_total").await, 12.0);
    let first = studio.stats();
    // One stretch of the dated source, one answer a week of the other.
    assert_eq!(first, Stats { asked: 3, reused: 0 });

    edit(&folder, "formula: leads.created\n", "formula: leads.created * 2\n");
    assert!(studio.saved().await);
    assert_eq!(value(&studio, "leads_total").await, 24.0);
    edit(&folder, "target: 10", "target: 11");
    assert!(studio.saved().await);
    let edition = studio.edition("weekly", None).await.unwrap();
    assert_eq!(edition.queries, Stats { asked: 0, reused: 3 });
    edit(&folder, "Cifras de la semana", "Números de la semana");
    assert!(studio.saved().await);
    let edition = studio.edition("weekly", None).await.unwrap();
    assert!(edition.rendered(&ANA()).unwrap().letter.subject.starts_with("Números de la semana"));
    assert_eq!(studio.stats(), Stats { asked: 3, reused: 9 });
}

#[tokio::test]
async fn an_edited_query_is_asked_again_and_the_others_are_not() {
    let (folder, url) = installation().await;
    let studio = studio(&folder, &url).await;
    assert_eq!(value(&studio, "leads_total").await, 12.0);
    edit(&folder, "SELECT day, channel, created FROM", "SELECT day, channel, created + 1 AS created FROM");
    assert!(studio.saved().await);
    assert_eq!(value(&studio, "leads_total").await, 14.0);
    let edition = studio.edition("weekly", None).await.unwrap();
    assert_eq!(edition.queries, Stats { asked: 1, reused: 2 });
}

#[tokio::test]
async fn another_period_asks_for_its_own_window_and_is_then_known() {
    let (folder, url) = installation().await;
    let studio = studio(&folder, &url).await;
    let before = studio.edition("weekly", Some("2026-W45")).await.unwrap();
    assert_eq!(before.measured("leads_total").unwrap().whole.value.number(), Some(4.0));
    let asked = studio.stats().asked;
    studio.edition("weekly", Some("2026-W45")).await.unwrap();
    assert_eq!(studio.stats().asked, asked);
    assert_eq!(value(&studio, "leads_total").await, 12.0);
    let refused = studio.edition("weekly", Some("2026-W48")).await.unwrap_err();
    assert_eq!(refused.to_string(), "2026-W48 has not begun: it starts on 2026-11-23");
    let refused = studio.edition("weakly", None).await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no report `weakly`");
}

#[tokio::test]
async fn a_broken_save_keeps_the_last_good_edition_and_says_where() {
    let (folder, url) = installation().await;
    let studio = studio(&folder, &url).await;
    edit(&folder, "formula: leads.created", "formla: leads.created");
    assert!(studio.saved().await);
    let state = studio.state();
    assert!(state.is_broken());
    assert_eq!(state.generation, 2);
    let problem = state.problems.iter().find(|problem| problem.code == "unknown-key").unwrap();
    assert_eq!((problem.line, problem.column), (24, 5));
    assert!(problem.file.ends_with("kpis/all.yaml"), "{}", problem.file);
    assert_eq!(problem.message, "unknown key `formla` in a KPI");
    let snippet = problem.snippet.as_deref().unwrap();
    assert!(snippet.contains("24 |     formla: leads.created") && snippet.contains("^^^^^^"), "{snippet}");
    assert_eq!(value(&studio, "leads_total").await, 12.0);

    assert!(!studio.saved().await, "nothing was saved since");
    folder.write("kpis/all.yaml", YAML);
    assert!(studio.saved().await);
    assert!(!studio.state().is_broken());
}

#[tokio::test]
async fn a_folder_with_errors_from_the_start_is_shown_as_one() {
    let (folder, url) = installation().await;
    edit(&folder, "kpis:", "kpiz:");
    let studio = studio(&folder, &url).await;
    assert!(studio.state().is_broken());
    assert_eq!(studio.edition("weekly", None).await.unwrap_err().to_string(), "the folder has errors");
    folder.write("kpis/all.yaml", YAML);
    assert!(studio.saved().await);
    assert_eq!(value(&studio, "leads_total").await, 12.0);
}

#[tokio::test]
async fn a_folder_with_errors_from_the_start_is_shown_in_the_language_of_its_settings() {
    let (folder, url) = installation().await;
    let spanish = YAML.replace("language: en\n  locale: en-GB", "language: es\n  locale: es-ES");
    folder.write("kpis/all.yaml", &spanish.replace("formula:", "formla:"));
    let studio = studio(&folder, &url).await;
    assert!(studio.state().is_broken());
    assert_eq!(studio.state().audience, ANA());
    folder.write("kpis/all.yaml", &YAML.replace("settings:", "setings:"));
    assert!(studio.saved().await);
    assert_eq!(&*studio.state().audience.language, "en");
}

#[tokio::test]
async fn templates_and_texts_are_read_again_and_their_errors_have_a_place() {
    let (folder, url) = installation().await;
    let studio = studio(&folder, &url).await;
    folder.write("kpis/templates/subject.txt", "Read this: {{ title }}\n");
    assert!(studio.saved().await);
    let edition = studio.edition("weekly", None).await.unwrap();
    assert_eq!(edition.rendered(&ANA()).unwrap().letter.subject, "Read this: Cifras de la semana");

    folder.write("kpis/templates/subject.txt", "Read\nthis: {{ titel }}\n");
    assert!(studio.saved().await);
    let state = studio.state();
    let [problem] = state.problems.as_slice() else { panic!("{:?}", state.problems) };
    assert!(problem.file.ends_with("kpis/templates/subject.txt"), "{}", problem.file);
    assert_eq!((problem.line, problem.column, &*problem.code), (2, 10, "template"));
    assert_eq!(problem.help.as_deref(), Some("did you mean `title`?"));
    assert_eq!(problem.snippet.as_deref(), Some("   2 | this: {{ titel }}\n     |          ^^^^^"));
}

#[tokio::test]
async fn a_failed_query_is_asked_again_after_the_next_save() {
    let (folder, url) = installation().await;
    edit(&folder, "FROM spend", "FROM spent");
    let studio = studio(&folder, &url).await;
    let edition = studio.edition("weekly", None).await.unwrap();
    let [failure] = edition.failures.as_slice() else { panic!("{:?}", edition.failures) };
    assert_eq!(&*failure.source, "spend");
    assert!(failure.why.contains("no such table: spent"), "{}", failure.why);
    folder.sqlite("crm", "CREATE TABLE spent (day text, cost real); INSERT INTO spent VALUES ('2026-11-10', 24)").await;
    folder.write("kpis/all.yaml", &YAML.replace("FROM spend", "FROM spent").replace("target: 50", "target: 51"));
    assert!(studio.saved().await);
    assert_eq!(value(&studio, "cost_per_lead").await, 2.0);
}

#[tokio::test]
async fn a_refresh_reads_the_databases_again() {
    let (folder, url) = installation().await;
    let studio = studio(&folder, &url).await;
    assert_eq!(value(&studio, "leads_total").await, 12.0);
    folder.sqlite("crm", "INSERT INTO leads VALUES ('2026-11-12', 'paid', 100)").await;
    assert!(!studio.saved().await);
    assert_eq!(value(&studio, "leads_total").await, 12.0);
    studio.refresh().await;
    assert_eq!(value(&studio, "leads_total").await, 112.0);
    assert_eq!(studio.state().generation, 2);
}

#[tokio::test]
async fn a_kpi_that_stands_in_no_report_yet_can_be_looked_at() {
    let (folder, url) = installation().await;
    edit(&folder, "kpis: [leads_total, cost_per_lead]", "kpis: [leads_total]");
    let studio = studio(&folder, &url).await;
    let edition = studio.edition("in_no_report", None).await.unwrap();
    assert_eq!(edition.measured("cost_per_lead").unwrap().whole.value.number(), Some(40.0));
    assert!(edition.measured("leads_total").is_none());
}
