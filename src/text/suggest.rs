//! "Did you mean".

/// The candidate that `unknown` was most likely meant to be: at most a third of its letters differ (at least one may), case aside.
pub fn suggest<'n>(unknown: &str, candidates: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let unknown = unknown.to_lowercase();
    let length = unknown.chars().count();
    let allowed = (length / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= allowed)
        .map(|candidate| (strsim::damerau_levenshtein(&unknown, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_name_is_suggested_and_a_far_one_is_not() {
        let check = |unknown, expected| assert_eq!(suggest(unknown, ["leads", "lead_to_mql", "año", "up"]), expected);
        check("laeds", Some("leads"));
        check("LEADS", Some("leads"));
        check("lead_to_mlq", Some("lead_to_mql"));
        check("ano", Some("año"));
        check("revenue", None);
        check("u", Some("up"));
        check("", None);
    }
}
