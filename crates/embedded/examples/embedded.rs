//! The embedded servers as processes of their own:
//!
//! ```text
//! embedded s3 FOLDER       serves the folder until its standard input ends;
//!                          prints endpoint, access key and secret key, a line each
//! embedded up HOME [BIN]   starts the home's PostgreSQL and prints its URL
//! embedded down HOME       stops it
//! embedded remove HOME     stops it and deletes its cluster
//! ```
#![allow(clippy::print_stdout, reason = "the lines are this program's result")]

use std::error::Error;
use std::path::PathBuf;

use catwing_embedded::{Home, Postgres, S3Server};
use secrecy::ExposeSecret;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["s3", folder] => serve(folder.into()).await,
        ["up", home] => up(home.into(), None),
        ["up", home, bin_dir] => up(home.into(), Some(bin_dir.into())),
        ["down", home] => {
            let was_running = Postgres::new(Home::open(home.as_ref())?, None).stop()?;
            println!(
                "{}",
                if was_running {
                    "stopped"
                } else {
                    "was not running"
                }
            );
            Ok(())
        }
        ["remove", home] => Ok(Postgres::new(Home::open(home.as_ref())?, None).remove()?),
        _ => Err("usage: embedded s3 FOLDER | up HOME [BIN] | down HOME | remove HOME".into()),
    }
}

async fn serve(folder: PathBuf) -> Result<(), Box<dyn Error>> {
    let server = S3Server::start(&folder).await?;
    println!(
        "{}\n{}\n{}",
        server.endpoint(),
        server.access_key(),
        server.secret_key().expose_secret()
    );
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()))
        .await??;
    server.shutdown().await;
    Ok(())
}

fn up(home: PathBuf, bin_dir: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
    let address = Postgres::new(Home::open(&home)?, bin_dir).ensure_running()?;
    println!("{}", address.url);
    Ok(())
}
