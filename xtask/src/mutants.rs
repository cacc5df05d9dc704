//! `cargo xtask mutants`: tests the simulator. Known bugs are planted one at a time in a copy of
//! the tree, and the simulator has to catch every one of them.

mod hunt;
mod mutant;
mod tree;

use crate::failure::Failure;
use crate::workspace::Workspace;
use hunt::Catch;
use mutant::Mutant;
use tree::Tree;

/// Plants the bugs, all or those named, and gives the simulator so many seeds to catch each.
///
/// # Errors
/// When the simulator misses one or fails without any, or a patch no longer applies or compiles.
pub(crate) fn run(workspace: &Workspace, runs: u64, only: &[String]) -> Result<(), Failure> {
    let mutants = chosen(mutant::all(workspace)?, only)?;
    let tree = Tree::copy(workspace)?;
    tree.build()?;
    println!("{}\n{}", hunt::HEADING, hunt::RULER);
    let control = hunt::control(&tree, runs)?;
    println!("{}", control.row("(none)", ""));
    if control.caught > 0 {
        return Err(Failure::Bound(
            "the simulator fails without any mutant: repair that first (`cargo xtask sim`)"
                .to_owned(),
        ));
    }
    let mut caught = 0;
    for mutant in &mutants {
        let catch = try_out(&tree, mutant, runs)?;
        println!("{}", catch.row(&mutant.name, &mutant.breaks));
        caught += usize::from(catch.caught > 0);
    }
    println!("{} planted, {caught} caught", mutants.len());
    match mutants.len() - caught {
        0 => Ok(()),
        missed => Err(Failure::Bound(format!(
            "{missed} of them got past the simulator: its world or its oracle lacks something"
        ))),
    }
}

fn try_out(tree: &Tree, mutant: &Mutant, runs: u64) -> Result<Catch, Failure> {
    tree.plant(mutant)?;
    let catch = tree.build().and_then(|()| hunt::hunt(tree, runs));
    tree.pull_out(mutant)?;
    catch
}

fn chosen(mutants: Vec<Mutant>, only: &[String]) -> Result<Vec<Mutant>, Failure> {
    if let Some(name) = only.iter().find(|name| mutants.iter().all(|it| it.name != **name)) {
        let folder = mutant::FOLDER;
        return Err(Failure::Usage(format!("there is no mutant `{name}` in {folder}")));
    }
    let is_chosen = |it: &Mutant| only.is_empty() || only.contains(&it.name);
    Ok(mutants.into_iter().filter(is_chosen).collect())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::mutant;
    use crate::workspace::Workspace;

    /// More must stay than the simulator promises to catch.
    const MUTANTS_MIN: usize = 31;

    #[test]
    fn every_mutant_still_applies() {
        let workspace = Workspace::find().unwrap();
        for mutant in mutant::all(&workspace).unwrap() {
            let mut check = Command::new("git");
            check.args(["apply", "--check"]).arg(&mutant.path).current_dir(workspace.root());
            let output = check.output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{} has to be written anew: {told}", mutant.name);
        }
    }

    #[test]
    fn there_are_enough_and_each_says_what_it_breaks() {
        let mutants = mutant::all(&Workspace::find().unwrap()).unwrap();
        assert!(mutants.len() >= MUTANTS_MIN, "{} are left", mutants.len());
    }
}
