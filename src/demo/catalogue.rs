//! The catalogue that ships, inside the binary: `kpid demo` writes it where there is none.

use std::path::Path;

macro_rules! shipped {
    ($($path:literal),+ $(,)?) => { [$(($path, include_str!(concat!("../../kpis/", $path)))),+] };
}

/// Path below the catalogue's folder, and text.
pub const FILES: [(&str, &str); 13] = shipped![
    "settings.yaml",
    "databases.yaml",
    "sources/web.yaml",
    "sources/crm.yaml",
    "sources/erp.yaml",
    "traffic.yaml",
    "leads.yaml",
    "sales.yaml",
    "costs.yaml",
    "customers.yaml",
    "people.yaml",
    "reports.yaml",
    "tests.yaml",
];

/// A file more, for a look at the daemon: a report whose `{schedule}` is to be filled in.
pub const SERVE: &str = r#"# Written anew by `kpid demo --serve`: a report that is due soon, to see it arrive.
reports:
  demo_now:
    title: { es: "Informe de prueba", en: "Trial report" }
    schedule: "{schedule}"
    period: week
    compare: [previous, year_ago]
    trend: 12
    to: [ana, tom]
    attach: [xlsx]
    sections:
      - title: { es: "De un vistazo", en: "At a glance" }
        kpis: [leads, cost_per_lead, close_ratio, revenue, cac, marketing_roi]
"#;

/// Writes the catalogue to `folder`, which is made if need be. Files that are there are left alone: somebody may have edited them.
///
/// # Errors
/// A folder or file can't be written.
pub fn write(folder: &Path) -> std::io::Result<()> {
    for (path, text) in FILES {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("every file stands in a folder"))?;
        if !path.exists() {
            std::fs::write(path, text)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn files(folder: &Path, below: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                files(&path, below, found);
            } else {
                found.insert(path.strip_prefix(below).expect("below").display().to_string());
            }
        }
    }

    #[test]
    fn every_file_of_the_catalogue_is_in_the_binary() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("kpis");
        let mut found = BTreeSet::new();
        files(&folder, &folder, &mut found);
        // For editors; made of the others.
        found.remove(".kpid.schema.json");
        assert_eq!(found, FILES.iter().map(|(path, _)| (*path).to_owned()).collect());
    }
}
