//! The recipes of `docs/ci.md`: they are YAML, and their `kpid diff` is one that kpid takes.

use super::{Repository, edited, kpid};
use serde_json::Value as Json;

/// The blocks fenced as ` ```yaml ci `.
fn recipes() -> Vec<Json> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ci.md")).unwrap();
    let blocks = page.split("```yaml ci\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.map(|block| serde_saphyr::from_str(block).unwrap_or_else(|error| panic!("{error}\n{block}"))).collect()
}

/// Every line of a script that begins with `kpid diff`, wherever it stands.
fn diffs(recipe: &Json, found: &mut Vec<String>) {
    match recipe {
        Json::String(text) => {
            found.extend(text.lines().filter(|line| line.starts_with("kpid diff")).map(str::to_owned))
        }
        Json::Array(list) => list.iter().for_each(|one| diffs(one, found)),
        Json::Object(map) => map.values().for_each(|one| diffs(one, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_recipe_asks_for_a_diff_that_kpid_gives() {
    let Some(repository) = Repository::new().await else { return };
    repository.write(&edited());
    repository.commit();
    let mut found = Vec::new();
    recipes().iter().for_each(|recipe| diffs(recipe, &mut found));
    assert_eq!(found.len(), 3, "{found:?}");
    for line in found {
        let command = line.split(" > ").next().unwrap().replace("\"$CI_MERGE_REQUEST_DIFF_BASE_SHA\"", "main~1");
        let args: Vec<&str> = command.split(' ').skip(1).collect();
        let ran = kpid(repository.folder.path(), &args, &[("KPID_DIR", "marketing/kpis")]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{line}");
        assert!(ran.out.starts_with("### KPIs: 1 KPI changes, 1 KPI is new"), "{line}: {}", ran.out);
    }
}
