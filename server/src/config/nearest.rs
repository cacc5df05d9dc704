//! The name that a misspelt one probably means.

/// The similarity from which a name is suggested, up to 1.
const SIMILARITY_MIN: f64 = 0.85;

/// The most similar name.
pub(crate) fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    most_similar(name, names).map(|(known, _)| known)
}

/// The most similar name of an option or a command, if it is similar enough to be meant. An option
/// of another command has the same name.
pub(crate) fn similar<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (known, score) = most_similar(name, names)?;
    (score >= SIMILARITY_MIN && known != name).then_some(known)
}

fn most_similar<'a>(
    name: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<(&'a str, f64)> {
    // Every option begins with two hyphens, so they say nothing.
    let score = |known: &str| {
        strsim::jaro_winkler(name.trim_start_matches('-'), known.trim_start_matches('-'))
    };
    let scored = names.into_iter().map(|known| (known, score(known)));
    scored.max_by(|(_, one), (_, other)| one.total_cmp(other))
}
