//! `cargo xtask check-deps`: the layers of docs/ARCHITECTURE.md, proved on what cargo resolved.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Result, bail};
use cargo_metadata::{DependencyKind, Metadata};

use crate::workspace::Workspace;
use crate::{clock, manifests};

/// What one package of ours may see. Edges point from a layer to a lower one; the one exception,
/// recovery, stands in a layer of its own because replay is transform and load again.
struct Rule {
    package: &'static str,
    layer: u8,
    sees: &'static [&'static str],
    purity: Purity,
}

/// What a package may do besides computing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purity {
    /// Anything.
    Free,
    /// No I/O, no async, no SQL: none of [`IO_CRATES`] anywhere below it; and no clock.
    NoIo,
}

const DOMAIN: &str = "catwing-domain";
const SIMULATOR: &str = "catwing-simulator";
const EMBEDDED: &str = "catwing-embedded";
const ENTITY: &str = "catwing-entity";
const EXPORT: &str = "catwing-ml-export";
const INGEST: &str = "catwing-ingest";
const LOAD: &str = "catwing-load";
const MIGRATIONS: &str = "catwing-migrations";
const ORCHESTRATOR: &str = "catwing-orchestrator";
const PLANNING: &str = "catwing-planning";
const QUALITY: &str = "catwing-quality";
const RAW_STORE: &str = "catwing-raw-store";
const RECOVERY: &str = "catwing-recovery";
const SETTINGS: &str = "catwing-settings";
const STATS: &str = "catwing-stats";
const TESTS: &str = "catwing-tests";
const TRANSFORM: &str = "catwing-transform";
const XTASK: &str = "xtask";

/// What a stage crate may see; never another stage.
const BELOW_STAGES: &[&str] = &[DOMAIN, ENTITY, RAW_STORE];

#[rustfmt::skip]
const RULES: &[Rule] = &[
    Rule { package: DOMAIN, layer: 0, sees: &[], purity: Purity::NoIo },
    Rule { package: EMBEDDED, layer: 0, sees: &[], purity: Purity::Free },
    Rule { package: SIMULATOR, layer: 1, sees: &[DOMAIN], purity: Purity::Free },
    Rule { package: RAW_STORE, layer: 1, sees: &[DOMAIN], purity: Purity::Free },
    Rule { package: ENTITY, layer: 1, sees: &[DOMAIN], purity: Purity::Free },
    Rule { package: INGEST, layer: 2, sees: BELOW_STAGES, purity: Purity::Free },
    Rule { package: TRANSFORM, layer: 2, sees: &[DOMAIN], purity: Purity::NoIo },
    Rule { package: QUALITY, layer: 2, sees: BELOW_STAGES, purity: Purity::Free },
    Rule { package: LOAD, layer: 2, sees: BELOW_STAGES, purity: Purity::Free },
    Rule { package: STATS, layer: 2, sees: BELOW_STAGES, purity: Purity::Free },
    Rule { package: PLANNING, layer: 2, sees: BELOW_STAGES, purity: Purity::Free },
    Rule { package: EXPORT, layer: 2, sees: BELOW_STAGES, purity: Purity::Free },
    Rule { package: MIGRATIONS, layer: 2, sees: &[], purity: Purity::Free },
    // A rebuilt tenant is one that was migrated, loaded, and has its statistics.
    Rule { package: RECOVERY, layer: 3, sees: &[
        DOMAIN, ENTITY, RAW_STORE, TRANSFORM, LOAD, STATS, MIGRATIONS,
    ], purity: Purity::Free },
    // A write goes to raw and then the way of every delivery, which is recovery's.
    Rule { package: SETTINGS, layer: 4, sees: &[DOMAIN, RAW_STORE, TRANSFORM, LOAD, RECOVERY], purity: Purity::Free },
    Rule { package: ORCHESTRATOR, layer: 5, sees: &[
        DOMAIN, EMBEDDED, SIMULATOR, RAW_STORE, ENTITY, INGEST, TRANSFORM, QUALITY, LOAD, STATS,
        PLANNING, EXPORT, MIGRATIONS, RECOVERY, SETTINGS,
    ], purity: Purity::Free },
    // Nothing of ours, so that the task runner is compiled within seconds on any state of the rest.
    Rule { package: XTASK, layer: 5, sees: &[], purity: Purity::Free },
    Rule { package: TESTS, layer: 6, sees: &[
        DOMAIN, EMBEDDED, SIMULATOR, RAW_STORE, ENTITY, INGEST, TRANSFORM, QUALITY, LOAD, STATS,
        PLANNING, EXPORT, MIGRATIONS, RECOVERY, SETTINGS, ORCHESTRATOR,
    ], purity: Purity::Free },
];

/// What brings async, sockets or SQL with it; a name that ends in `*` stands for a family.
const IO_CRATES: &[&str] = &[
    "async-std",
    "aws-*",
    "axum",
    "hyper*",
    "mio",
    "reqwest",
    "rustix",
    "sea-orm*",
    "smol",
    "socket2",
    "sqlx*",
    "tempfile",
    "testcontainers",
    "tokio*",
];

/// The resolved graph, as far as the rules need it.
#[derive(Default)]
struct Graph {
    packages: BTreeMap<String, Node>,
}

struct Node {
    name: String,
    ours: bool,
    edges: Vec<Edge>,
}

struct Edge {
    to: String,
    kind: DependencyKind,
}

/// Checks edges, purity and where versions are written; says all that is wrong at once.
pub fn run(workspace: &Workspace) -> Result<()> {
    let metadata = workspace.metadata()?;
    let graph = graph_of(&metadata);
    let mut problems = violations(&graph);
    problems.extend(manifests::violations(&metadata)?);
    for package in metadata.workspace_packages() {
        let pure = rule_of(&package.name).is_some_and(|rule| rule.purity == Purity::NoIo);
        if let (true, Some(folder)) = (pure, package.manifest_path.parent()) {
            problems.extend(clock::violations(workspace.root(), folder.as_std_path())?);
        }
    }
    if !problems.is_empty() {
        bail!(
            "the layering does not hold:\n  {}\nthe rules are in xtask/src/check_deps.rs, \
             their reasons in docs/ARCHITECTURE.md",
            problems.join("\n  ")
        );
    }
    let ours = graph.packages.values().filter(|node| node.ours).count();
    println!(
        "check-deps: {ours} packages of ours among {} keep their layers",
        graph.packages.len()
    );
    Ok(())
}

fn violations(graph: &Graph) -> Vec<String> {
    let mut problems = Vec::new();
    for (id, node) in graph.packages.iter().filter(|(_, node)| node.ours) {
        let Some(rule) = rule_of(&node.name) else {
            problems.push(format!(
                "`{}` has no rule: say its layer and what it may see",
                node.name
            ));
            continue;
        };
        for edge in &node.edges {
            problems.extend(refused_edge(graph, rule, edge));
        }
        if rule.purity == Purity::NoIo {
            problems.extend(path_to_io(graph, id));
        }
    }
    problems
}

/// Dev- and build-dependencies are edges like any other: a test that needs two stages belongs to
/// the tests package.
fn refused_edge(graph: &Graph, rule: &Rule, edge: &Edge) -> Option<String> {
    let to = graph.packages.get(&edge.to).filter(|node| node.ours)?;
    if rule.sees.contains(&to.name.as_str()) {
        return None;
    }
    let layer = rule_of(&to.name).map_or_else(|| "?".to_owned(), |rule| rule.layer.to_string());
    Some(format!(
        "`{}` (layer {}) may not see `{}` (layer {layer}), but has it as a {} dependency",
        rule.package, rule.layer, to.name, edge.kind
    ))
}

/// The shortest way from a pure package to something that does I/O, dev-dependencies aside: what
/// only its own tests use does not run inside of it.
fn path_to_io(graph: &Graph, start: &str) -> Option<String> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut seen = BTreeSet::from([start]);
    let mut queue = VecDeque::from([start]);
    while let Some(id) = queue.pop_front() {
        let Some(node) = graph.packages.get(id) else {
            continue;
        };
        if id != start && does_io(&node.name) {
            let mut path = vec![node.name.as_str()];
            let mut at = id;
            while let Some(before) = came_from.get(at) {
                path.push(&graph.packages[*before].name);
                at = before;
            }
            path.reverse();
            return Some(format!("no I/O belongs here: {}", path.join(" -> ")));
        }
        for edge in node
            .edges
            .iter()
            .filter(|edge| edge.kind == DependencyKind::Normal)
        {
            if seen.insert(&edge.to) {
                came_from.insert(&edge.to, id);
                queue.push_back(&edge.to);
            }
        }
    }
    None
}

fn does_io(name: &str) -> bool {
    IO_CRATES
        .iter()
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(family) => name.starts_with(family),
            None => name == *pattern,
        })
}

fn rule_of(package: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.package == package)
}

fn graph_of(metadata: &Metadata) -> Graph {
    let mut graph = Graph::default();
    for package in &metadata.packages {
        graph.packages.insert(
            package.id.repr.clone(),
            Node {
                name: package.name.to_string(),
                ours: metadata.workspace_members.contains(&package.id),
                edges: Vec::new(),
            },
        );
    }
    for resolved in metadata.resolve.iter().flat_map(|resolve| &resolve.nodes) {
        let Some(node) = graph.packages.get_mut(&resolved.id.repr) else {
            continue;
        };
        for dependency in &resolved.deps {
            for info in &dependency.dep_kinds {
                node.edges.push(Edge {
                    to: dependency.pkg.repr.clone(),
                    kind: info.kind,
                });
            }
        }
    }
    graph
}

#[cfg(test)]
mod tests {
    use super::*;

    use DependencyKind::{Build, Development, Normal};

    /// A graph of our packages and what they use; names that begin with `catwing` are ours.
    fn graph(edges: &[(&str, &str, DependencyKind)]) -> Graph {
        let mut graph = Graph::default();
        for (from, to, kind) in edges {
            for name in [from, to] {
                graph
                    .packages
                    .entry((*name).to_owned())
                    .or_insert_with(|| Node {
                        name: (*name).to_owned(),
                        ours: name.starts_with("catwing") || *name == XTASK,
                        edges: Vec::new(),
                    });
            }
            let node = graph.packages.get_mut(*from).expect("inserted above");
            node.edges.push(Edge {
                to: (*to).to_owned(),
                kind: *kind,
            });
        }
        graph
    }

    fn refused(edges: &[(&str, &str, DependencyKind)], part: &str) {
        let problems = violations(&graph(edges));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains(part), "{problems:?}");
    }

    #[test]
    fn edges_that_point_down_are_fine() {
        let good = graph(&[
            (RAW_STORE, DOMAIN, Normal),
            (INGEST, RAW_STORE, Normal),
            (TRANSFORM, DOMAIN, Normal),
            (LOAD, ENTITY, Normal),
            (LOAD, "tokio", Normal),
            (RECOVERY, TRANSFORM, Normal),
            (RECOVERY, LOAD, Normal),
            (ORCHESTRATOR, RECOVERY, Normal),
            (ORCHESTRATOR, EMBEDDED, Normal),
            (TESTS, ORCHESTRATOR, Normal),
            (XTASK, "clap", Normal),
            (DOMAIN, "proptest", Development),
            ("proptest", "tempfile", Normal),
        ]);
        assert_eq!(violations(&good), Vec::<String>::new());
    }

    #[test]
    fn stages_do_not_see_each_other() {
        refused(&[(INGEST, LOAD, Normal)], "may not see `catwing-load`");
        refused(&[(LOAD, TRANSFORM, Development)], "dev dependency");
        refused(&[(LOAD, INGEST, Build)], "build dependency");
    }

    #[test]
    fn nothing_points_up() {
        refused(&[(DOMAIN, ENTITY, Normal)], "(layer 0)");
        refused(&[(RAW_STORE, INGEST, Normal)], "(layer 1)");
        refused(&[(RECOVERY, ORCHESTRATOR, Normal)], "(layer 3)");
        refused(&[(ORCHESTRATOR, TESTS, Development)], "(layer 5)");
    }

    #[test]
    fn migrations_and_xtask_stand_alone() {
        refused(&[(MIGRATIONS, DOMAIN, Normal)], "`catwing-migrations`");
        refused(&[(XTASK, DOMAIN, Normal)], "`xtask`");
    }

    #[test]
    fn only_the_top_sees_the_embedded_servers() {
        refused(&[(LOAD, EMBEDDED, Development)], "`catwing-embedded`");
        refused(&[(RECOVERY, EMBEDDED, Normal)], "`catwing-embedded`");
    }

    #[test]
    fn a_package_without_a_rule_is_refused() {
        refused(&[("catwing-plugins", "serde", Normal)], "has no rule");
    }

    #[test]
    fn io_is_found_however_deep() {
        refused(&[(DOMAIN, "tokio", Normal)], "catwing-domain -> tokio");
        refused(
            &[
                (TRANSFORM, "nice-parser", Normal),
                ("nice-parser", "sqlx-core", Normal),
            ],
            "catwing-transform -> nice-parser -> sqlx-core",
        );
    }

    #[test]
    fn every_allowed_edge_has_a_rule_and_points_down() {
        for rule in RULES {
            for seen in rule.sees {
                let below = rule_of(seen).expect("a rule for what may be seen");
                assert!(below.layer < rule.layer, "{} -> {seen}", rule.package);
            }
        }
    }
}
