//! `catwing`: parses settings, calls one function, maps the result to an exit code.

use std::process::ExitCode;

use catwing_orchestrator::{Cli, Console, Settings, exit_code, run, start_log, told};
use clap::Parser;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let console = Console::new(&cli.global);
    let settings = match Settings::resolve(&cli.global, &|name| std::env::var(name).ok()) {
        Ok(settings) => settings,
        Err(error) => {
            console.failed(&told(&error));
            return ExitCode::from(exit_code(&error));
        }
    };
    start_log(&settings);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            console.failed(&format!("failed to start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli, settings, &console)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            tracing::error!(error = told(&error), "failed");
            console.failed(&told(&error));
            ExitCode::from(exit_code(&error))
        }
    }
}
