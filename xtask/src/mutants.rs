//! `cargo xtask mutants`: mutation tests of the simulator. Known bugs are applied one at a time to
//! a copy of the repository; the simulator has to detect each.

mod mutant;
mod runner;
mod tree;

use crate::failure::Failure;
use crate::workspace::Workspace;
use mutant::Mutant;
use runner::Detection;
use tree::Tree;

/// Tests all mutants, or those in `only`, with at most `runs` seeds each.
///
/// # Errors
/// When a mutant is not detected, a patch does not apply or compile, or the simulator fails without
/// a mutant.
pub(crate) fn run(workspace: &Workspace, runs: u64, only: &[String]) -> Result<(), Failure> {
    let mutants = select(mutant::all(workspace)?, only)?;
    let tree = Tree::copy(workspace)?;
    tree.build()?;
    println!("{}\n{}", runner::HEADING, runner::RULER);
    let mut kinds: Vec<Option<&str>> = mutants.iter().map(|it| it.faults.as_deref()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for faults in kinds {
        test_without_mutant(&tree, faults, runs)?;
    }
    let mut caught = 0;
    for mutant in &mutants {
        let detection = test_mutant(&tree, mutant, runs)?;
        println!("{}", detection.row(&mutant.name, &mutant.breaks));
        caught += usize::from(detection.caught > 0);
    }
    println!("{} planted, {caught} caught", mutants.len());
    match mutants.len() - caught {
        0 => Ok(()),
        missed => Err(Failure::Bound(format!(
            "{missed} mutants were not detected: extend the faults or the invariants"
        ))),
    }
}

/// The simulator has to pass without a mutant.
fn test_without_mutant(tree: &Tree, faults: Option<&str>, runs: u64) -> Result<(), Failure> {
    let control = runner::control(tree, faults, runs)?;
    let name = faults.map_or_else(|| "(none)".to_owned(), |it| format!("(none; {it})"));
    println!("{}", control.row(&name, ""));
    match control.caught {
        0 => Ok(()),
        _ => Err(Failure::Bound(
            "the simulator fails without a mutant; fix that first (`cargo xtask sim`)".to_owned(),
        )),
    }
}

fn test_mutant(tree: &Tree, mutant: &Mutant, runs: u64) -> Result<Detection, Failure> {
    tree.apply(mutant)?;
    let detection =
        tree.build().and_then(|()| runner::detect(tree, mutant.faults.as_deref(), runs));
    tree.revert(mutant)?;
    detection
}

fn select(mutants: Vec<Mutant>, only: &[String]) -> Result<Vec<Mutant>, Failure> {
    if let Some(name) = only.iter().find(|name| mutants.iter().all(|it| it.name != **name)) {
        let folder = mutant::FOLDER;
        return Err(Failure::Usage(format!("there is no mutant `{name}` in {folder}")));
    }
    let is_selected = |it: &Mutant| only.is_empty() || only.contains(&it.name);
    Ok(mutants.into_iter().filter(is_selected).collect())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::mutant;
    use crate::workspace::Workspace;

    const MUTANTS_MIN: usize = 45;

    #[test]
    fn every_patch_applies() {
        let workspace = Workspace::find().unwrap();
        for mutant in mutant::all(&workspace).unwrap() {
            let mut check = Command::new("git");
            check.args(["apply", "--check"]).arg(&mutant.path).current_dir(workspace.root());
            let output = check.output().unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{} does not apply: {error}", mutant.name);
        }
    }

    #[test]
    fn enough_mutants_with_valid_headers() {
        let mutants = mutant::all(&Workspace::find().unwrap()).unwrap();
        assert!(mutants.len() >= MUTANTS_MIN, "only {} mutants", mutants.len());
    }
}
