//! A strict reader of OpenMetrics 1.0 text: what it takes, every scraper takes.

use std::collections::{BTreeMap, BTreeSet};

/// The samples by name and labels as written; `Err` says what is wrong and where.
pub fn read(text: &str) -> Result<BTreeMap<String, f64>, String> {
    let body = text.strip_suffix("# EOF\n").ok_or("it does not end with `# EOF`")?;
    let mut families: Vec<Family> = Vec::new();
    let mut samples = BTreeMap::new();
    for line in body.split_terminator('\n') {
        let wrong = |why: &str| format!("{why}: {line}");
        if let Some(about) = line.strip_prefix("# ") {
            describe(&mut families, about).map_err(|why| wrong(&why))?;
        } else {
            let family = families.last_mut().ok_or_else(|| wrong("a sample of no family"))?;
            let (series, value) = family.sample(line).map_err(|why| wrong(&why))?;
            if samples.insert(series, value).is_some() {
                return Err(wrong("this series was there before"));
            }
        }
    }
    families.iter().try_for_each(Family::whole)?;
    distinct(&families)?;
    Ok(samples)
}

#[derive(Default)]
struct Family {
    name: String,
    about: BTreeMap<String, String>,
    /// The names of samples, and for histograms the buckets of each series.
    named: BTreeSet<String>,
    buckets: BTreeMap<String, Vec<(f64, f64)>>,
    counts: BTreeMap<String, f64>,
}

/// `HELP name text`, `TYPE name type` or `UNIT name unit`.
fn describe(families: &mut Vec<Family>, about: &str) -> Result<(), String> {
    let mut words = about.splitn(3, ' ');
    let (Some(what), Some(name), Some(text)) = (words.next(), words.next(), words.next()) else {
        return Err("a comment".into());
    };
    if !matches!(what, "HELP" | "TYPE" | "UNIT") {
        return Err(format!("`{what}` is none of OpenMetrics"));
    }
    if families.last().is_none_or(|family| family.name != name) {
        if families.iter().any(|family| family.name == name) {
            return Err("a family in two places".into());
        }
        if !is_name(name) {
            return Err(format!("`{name}` is no name"));
        }
        families.push(Family { name: name.to_owned(), ..Family::default() });
    }
    let family = families.last_mut().unwrap();
    match family.about.insert(what.to_owned(), text.to_owned()) {
        Some(_) => Err("said twice".into()),
        None if !family.named.is_empty() => Err("said after samples".into()),
        None => Ok(()),
    }
}

impl Family {
    fn kind(&self) -> &str {
        self.about.get("TYPE").map_or("unknown", |kind| kind)
    }

    /// Its series, as written, and value.
    fn sample(&mut self, line: &str) -> Result<(String, f64), String> {
        let (series, value) = line.rsplit_once(' ').ok_or("no value")?;
        let value: f64 = value.parse().map_err(|_| format!("`{value}` is no number"))?;
        let (name, labels) = match series.split_once('{') {
            Some((name, labels)) => (name, labels_of(labels.strip_suffix('}').ok_or("an open brace")?)?),
            None => (series, Vec::new()),
        };
        let suffix = name.strip_prefix(&*self.name).ok_or("a sample of another family")?;
        let suffixes: &[&str] = match self.kind() {
            "gauge" => &[""],
            "counter" => &["_total"],
            "info" => &["_info"],
            "histogram" => &["_bucket", "_count", "_sum"],
            kind => return Err(format!("a family of type `{kind}`")),
        };
        if !suffixes.contains(&suffix) {
            return Err(format!("`{suffix}` does not end a {}", self.kind()));
        }
        if self.kind() == "info" && value != 1.0 {
            return Err("an info that is not 1".into());
        }
        if self.kind() != "gauge" && (value.is_nan() || value < 0.0) {
            return Err("counts below nothing".into());
        }
        self.remember(suffix, labels, value)?;
        self.named.insert(name.to_owned());
        Ok((series.to_owned(), value))
    }

    fn remember(&mut self, suffix: &str, labels: Vec<(String, String)>, value: f64) -> Result<(), String> {
        let (bounds, rest): (Vec<_>, Vec<_>) = labels.into_iter().partition(|(name, _)| name == "le");
        match (suffix, bounds.first()) {
            ("_bucket", Some((_, bound))) if bound == "+Inf" || bound.contains(['.', 'e']) => {
                let bound = bound.parse().map_err(|_| "a bound that is no number")?;
                self.buckets.entry(format!("{rest:?}")).or_default().push((bound, value));
            }
            ("_bucket", _) => return Err("a bucket without a bound as a decimal number".into()),
            ("_count", _) => _ = self.counts.insert(format!("{rest:?}"), value),
            _ => {}
        }
        Ok(())
    }

    fn whole(&self) -> Result<(), String> {
        let wrong = |why: &str| Err(format!("{}: {why}", self.name));
        if !self.about.get("HELP").is_some_and(|help| help.ends_with('.') && !help.ends_with("..")) {
            return wrong("no help that is a sentence");
        }
        if self.about.get("UNIT").is_some_and(|unit| !self.name.ends_with(&format!("_{unit}"))) {
            return wrong("the unit does not end the name");
        }
        if self.named.is_empty() {
            return wrong("no samples");
        }
        for (series, buckets) in &self.buckets {
            if !buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1) {
                return wrong("buckets that don't add up");
            }
            if buckets.last().map(|(bound, count)| (*bound, Some(count)))
                != Some((f64::INFINITY, self.counts.get(series)))
            {
                return wrong("the last bucket does not hold all");
            }
        }
        Ok(())
    }
}

/// No name of a sample may be that of another family.
fn distinct(families: &[Family]) -> Result<(), String> {
    let clash = families.iter().find_map(|family| {
        let other = |name: &&String| families.iter().any(|other| other.name != family.name && other.name == **name);
        family.named.iter().find(other)
    });
    clash.map_or(Ok(()), |name| Err(format!("`{name}` is a sample and a family")))
}

fn is_name(name: &str) -> bool {
    let begins = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(begins) && name.chars().all(|c| begins(c) || c.is_ascii_digit())
}

/// `a="1",b="2"`, where values escape `\`, `"` and line breaks.
fn labels_of(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut labels: Vec<(String, String)> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (name, value) = rest.split_once("=\"").ok_or("a label without a value")?;
        let mut escaped = false;
        let end = value.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let end = end.ok_or("a value that does not end")?;
        if !is_name(name) || labels.iter().any(|(known, _)| known == name) {
            return Err(format!("the label `{name}`"));
        }
        labels.push((name.to_owned(), value[..end].to_owned()));
        rest = &value[end + 1..];
        rest = rest.strip_prefix(',').filter(|rest| !rest.is_empty()).unwrap_or(rest);
        if !rest.is_empty() && value.as_bytes()[end + 1] != b',' {
            return Err("labels without a comma between".into());
        }
    }
    Ok(labels)
}

#[test]
fn what_is_not_openmetrics_is_refused() {
    let check = |text: &str, why: &str| assert_eq!(read(text).unwrap_err(), why, "{text}");
    let gauge = "# HELP a A.\n# TYPE a gauge\n";
    assert_eq!(read(&format!("{gauge}a{{b=\"c \\\" }}\"}} 1.5\n# EOF\n")).unwrap()["a{b=\"c \\\" }\"}"], 1.5);
    check("a 1\n", "it does not end with `# EOF`");
    check("a 1\n# EOF\n", "a sample of no family: a 1");
    check(&format!("{gauge}a 1\na 1\n# EOF\n"), "this series was there before: a 1");
    check(&format!("{gauge}a_total 1\n# EOF\n"), "`_total` does not end a gauge: a_total 1");
    check(&format!("{gauge}b 1\n# EOF\n"), "a sample of another family: b 1");
    check(&format!("{gauge}a{{b=\"c\"d=\"e\"}} 1\n# EOF\n"), "labels without a comma between: a{b=\"c\"d=\"e\"} 1");
    check(&format!("{gauge}a{{b=\"c\",b=\"e\"}} 1\n# EOF\n"), "the label `b`: a{b=\"c\",b=\"e\"} 1");
    check(&format!("{gauge}a one\n# EOF\n"), "`one` is no number: a one");
    check(&format!("{gauge}# EOF\n"), "a: no samples");
    check("# TYPE a gauge\na 1\n# EOF\n", "a: no help that is a sentence");
    check(&format!("{gauge}# UNIT a seconds\na 1\n# EOF\n"), "a: the unit does not end the name");
    let counter = "# HELP a A.\n# TYPE a counter\na_total 1\n";
    let twice = format!("{counter}# HELP a_total A.\n# TYPE a_total gauge\na_total{{b=\"\"}} 1\n# EOF\n");
    check(&twice, "`a_total` is a sample and a family");
    check(
        &format!("{counter}# HELP b B.\n# TYPE b gauge\nb 1\n# HELP a A.\n# EOF\n"),
        "a family in two places: # HELP a A.",
    );
    let histogram = "# HELP a A.\n# TYPE a histogram\na_sum 1.0\na_count 2\n";
    let buckets = |buckets: &str| read(&format!("{histogram}{buckets}# EOF\n"));
    assert_eq!(buckets("a_bucket{le=\"1.0\"} 1\na_bucket{le=\"+Inf\"} 2\n").map(|samples| samples.len()), Ok(4));
    assert_eq!(buckets("a_bucket{le=\"1.0\"} 2\n").unwrap_err(), "a: the last bucket does not hold all");
    assert_eq!(
        buckets("a_bucket{le=\"1.0\"} 3\na_bucket{le=\"+Inf\"} 2\n").unwrap_err(),
        "a: buckets that don't add up"
    );
}
