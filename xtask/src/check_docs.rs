//! `cargo xtask check-docs`: the documentation builds without a warning, the architecture page
//! is short and names every crate, and no relative link is broken.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace::{Workspace, execute};

const ARCHITECTURE: &str = "docs/ARCHITECTURE.md";

/// A page that is longer is no longer read.
const ARCHITECTURE_WORDS_MAX: usize = 2_800;

/// Builds the API documentation and reads the pages; says all that is wrong with those at once.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut problems = Vec::new();
    let architecture = workspace.root().join(ARCHITECTURE);
    match fs::read_to_string(&architecture) {
        Ok(text) => {
            problems.extend(too_long(&text));
            problems.extend(unnamed(&text, &package_names(workspace)?));
        }
        Err(error) => problems.push(format!("{ARCHITECTURE} cannot be read: {error}")),
    }
    let pages = pages(workspace.root())?;
    for page in &pages {
        let text =
            fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
        problems.extend(broken_links(page, &text));
    }
    if !problems.is_empty() {
        bail!(
            "the documentation is not whole:\n  {}",
            problems.join("\n  ")
        );
    }
    execute(
        workspace
            .cargo()
            .args(["doc", "--workspace", "--no-deps"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    println!(
        "check-docs: {} pages and the API documentation are whole",
        pages.len()
    );
    Ok(())
}

fn too_long(text: &str) -> Option<String> {
    let words = text.split_whitespace().count();
    (words > ARCHITECTURE_WORDS_MAX)
        .then(|| format!("{ARCHITECTURE} has {words} words; {ARCHITECTURE_WORDS_MAX} is the limit"))
}

/// Crates are named in code font, with or without the prefix: most are ordinary words otherwise.
fn unnamed(text: &str, packages: &[String]) -> Vec<String> {
    packages
        .iter()
        .filter(|package| {
            let short = package.strip_prefix("catwing-").unwrap_or(package);
            ![package.as_str(), short]
                .iter()
                .any(|name| text.contains(&format!("`{name}`")))
        })
        .map(|package| format!("{ARCHITECTURE} does not name the crate `{package}`"))
        .collect()
}

fn package_names(workspace: &Workspace) -> Result<Vec<String>> {
    let metadata = workspace.metadata()?;
    Ok(metadata
        .workspace_packages()
        .into_iter()
        .map(|package| package.name.to_string())
        .collect())
}

fn pages(root: &Path) -> Result<Vec<PathBuf>> {
    let mut pages = vec![root.join("README.md")];
    let docs = root.join("docs");
    if docs.is_dir() {
        for entry in
            fs::read_dir(&docs).with_context(|| format!("cannot list {}", docs.display()))?
        {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    Ok(pages)
}

fn broken_links(page: &Path, text: &str) -> Vec<String> {
    let folder = page.parent().unwrap_or(Path::new("."));
    link_targets(text)
        .into_iter()
        .filter(|target| !folder.join(target).exists())
        .map(|target| format!("{} links to {target}, which does not exist", page.display()))
        .collect()
}

/// The targets of `[text](target)` that are files of ours, without their fragments. Code is left
/// out: it may hold brackets that are no links.
fn link_targets(text: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            // Every second part between back quotes is code.
            for prose in line.split('`').step_by(2) {
                for rest in prose.split("](").skip(1) {
                    let target = rest.split([')', ' ', '#']).next().unwrap_or_default();
                    let elsewhere = target.contains("://") || target.starts_with("mailto:");
                    if !target.is_empty() && !elsewhere {
                        targets.push(target);
                    }
                }
            }
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_files_are_found_and_code_is_not() {
        let text = "See [the page](docs/A.md#part), [out](https://example.org/x), [up](#top)\n\
             `[not](code.md)` and ![image](b.png \"title\")\n\
             ```\n[not](fenced.md)\n```\n[`named`](c.md)\n";
        assert_eq!(link_targets(text), ["docs/A.md", "b.png", "c.md"]);
    }

    #[test]
    fn a_link_to_nothing_is_broken() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("page.md");
        let problems = broken_links(&page, "[x](Cargo.toml) [y](nowhere.md)");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("nowhere.md"), "{problems:?}");
    }

    #[test]
    fn each_crate_is_named_in_code_font() {
        let packages = ["catwing-load".to_owned(), "catwing-domain".to_owned()];
        assert!(unnamed("`load` and `catwing-domain`", &packages).is_empty());
        let problems = unnamed("we load `domain`", &packages);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("catwing-load"), "{problems:?}");
    }

    #[test]
    fn the_limit_of_words_is_kept() {
        assert_eq!(too_long(&"word ".repeat(ARCHITECTURE_WORDS_MAX)), None);
        assert!(too_long(&"word ".repeat(ARCHITECTURE_WORDS_MAX + 1)).is_some());
    }
}
