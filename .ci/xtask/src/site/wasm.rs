//! The three WASM modules: the page, the worker that holds the keys, and the password meter.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{prerequisites, process, project};

/// Compiles each module and writes its JavaScript and WASM into `pkg`.
pub(crate) fn build(pkg: &Path) -> Result<()> {
    for module in MODULES {
        let compiled = compile(module)?;
        let finished = pkg.join(format!("{}_bg.wasm", module.name));
        if is_newer(&compiled, &finished)? {
            bind(module, &compiled, pkg)?;
            optimise(&finished)?;
        }
    }
    Ok(())
}

/// Prints what a visitor downloads.
pub(crate) fn print_sizes(pkg: &Path) -> Result<()> {
    println!("\n  {:<28} {:>10} {:>10}", "in target/site/pkg", "bytes", "gzipped");
    for module in MODULES {
        let name = format!("{}_bg.wasm", module.name);
        let raw = std::fs::metadata(pkg.join(&name))?.len();
        let gzipped = std::fs::metadata(pkg.join(format!("{name}.gz")))?.len();
        println!("  {name:<28} {raw:>10} {gzipped:>10}");
    }
    println!();
    Ok(())
}

fn compile(module: &Module) -> Result<PathBuf> {
    let folder = project::target().join("wasm");
    let mut cargo = process::cargo();
    cargo
        .args(["rustc", "--package", module.package, "--lib", "--crate-type", "cdylib"])
        .args(["--target", prerequisites::WASM, "--profile", PROFILE])
        .args(module.arguments)
        .arg("--target-dir")
        .arg(&folder)
        // Flags in the environment would replace those of `.cargo/config.toml`, without which getrandom does not compile.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    process::run(&mut cargo)?;
    Ok(folder.join(prerequisites::WASM).join(PROFILE).join(format!("{}.wasm", module.name)))
}

/// Writes the module's JavaScript, and its WASM without the sections that only debuggers read. They are dropped here and not
/// by the compiler's `strip`: that would also drop the section from which wasm-bindgen learns the target's features.
fn bind(module: &Module, compiled: &Path, pkg: &Path) -> Result<()> {
    println!("wasm-bindgen: {}", module.name);
    Bindgen::new()
        .input_path(compiled)
        .out_name(module.name)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(pkg)
        .with_context(|| format!("wasm-bindgen could not read {}", compiled.display()))
}

/// Binaryen makes the modules about a tenth smaller. It is optional: nobody needs it to run the app.
fn optimise(finished: &Path) -> Result<()> {
    let Some(wasm_opt) = process::find("wasm-opt") else { return Ok(()) };
    let smaller = finished.with_extension("opt");
    process::run(Command::new(wasm_opt).arg(finished).args(WASM_OPT_ARGUMENTS).arg("-o").arg(&smaller))?;
    std::fs::rename(&smaller, finished)?;
    Ok(())
}

/// Whether `source` was written after `product`, or there is no product yet.
fn is_newer(source: &Path, product: &Path) -> Result<bool> {
    let written = |path: &Path| -> std::io::Result<SystemTime> { std::fs::metadata(path)?.modified() };
    let source_time = written(source).with_context(|| format!("{} was not built", source.display()))?;
    Ok(written(product).map_or(true, |product_time| source_time > product_time))
}

/// One WASM module of the site.
struct Module {
    package: &'static str,
    /// Of the library, and of the files made from it.
    name: &'static str,
    arguments: &'static [&'static str],
}

const MODULES: &[Module] = &[
    Module { package: "imegha-app", name: "imegha_app", arguments: &["--features", "hydrate"] },
    Module { package: "imegha-worker", name: "imegha_worker", arguments: &["--features", "worker"] },
    Module { package: "imegha-meter", name: "imegha_meter", arguments: &[] },
];

/// The profile of the workspace that is made for size.
const PROFILE: &str = "wasm-release";

/// The features that rustc turns on for this target, which wasm-opt must be told about.
const WASM_OPT_ARGUMENTS: &[&str] = &[
    "-Os",
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-multivalue",
];
