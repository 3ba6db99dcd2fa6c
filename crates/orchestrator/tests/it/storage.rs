//! An S3 server, or the line to it, that does everything wrong for a while: commands end right after
//! retries, or fail with the code that says so, and the same command without faults finishes.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use catwing_embedded::S3Server;
use secrecy::ExposeSecret;

use crate::{
    faults::fault,
    proxy::{Fault, FaultProxy},
    rebuilds::recovery,
    sales::CLIENT,
    stand::{Place, Stand, succeeded},
    together::{message, output},
};

/// What heals itself within the attempts of a request.
const PASSING: [Fault; 4] = [
    Fault::Status("500 Internal Server Error"),
    Fault::Status("503 Slow Down"),
    Fault::Cut(0),
    Fault::Cut(100),
];
/// What may be taken for an answer.
const LASTING: [Fault; 4] = [
    Fault::Status("403 Forbidden"),
    Fault::Status("409 Conflict"),
    Fault::Status("412 Precondition Failed"),
    Fault::Flip,
];
/// What is only noticed by waiting.
const SILENT: [Fault; 3] = [Fault::NoRequest, Fault::NoAnswer, Fault::Stall(10)];

/// The folder of a place's archive behind a server, and that behind a proxy.
struct Served {
    server: S3Server,
    proxy: FaultProxy,
}

impl Served {
    async fn of(place: &Place) -> Result<Self> {
        let server = S3Server::start(&place.home.join("s3")).await?;
        let proxy = FaultProxy::before(&server.endpoint()).await?;
        Ok(Self { server, proxy })
    }

    /// Points a command at the proxy.
    fn reached_by(&self, mut command: Command) -> Command {
        command
            .env("AWS_ENDPOINT_URL", self.proxy.endpoint())
            .env("AWS_REGION", self.server.region())
            .env("AWS_ACCESS_KEY_ID", self.server.access_key())
            .env(
                "AWS_SECRET_ACCESS_KEY",
                self.server.secret_key().expose_secret(),
            );
        command
    }
}

/// Which requests of a command are broken.
#[derive(Clone, Copy, Debug)]
enum Asks {
    Import,
    Backfill,
    Rebuild,
}

impl Asks {
    fn command(self, stand: &Stand, place: &Place) -> Command {
        match self {
            Self::Import => {
                let mut command = place.command();
                command.args(stand.import());
                command
            }
            Self::Backfill => place.backfill(),
            Self::Rebuild => recovery(place, "rebuild"),
        }
    }

    fn method(self) -> &'static str {
        match self {
            Self::Import => "PUT",
            Self::Backfill | Self::Rebuild => "GET",
        }
    }

    /// A place where the command has everything to do.
    async fn place(self, stand: &Stand, whole: &Place, name: &str) -> Result<Place> {
        match self {
            Self::Import => {
                let place = stand.database(name).await?.beside(&stand.new_home(name));
                stand.add_tenant(&place)?;
                Ok(place)
            }
            Self::Backfill => stand.database(name).await,
            Self::Rebuild => stand.copy_of(whole, name).await,
        }
    }
}

/// Breaks requests of a command, lets it run again without, and returns what then is in the database,
/// and whether the first attempt succeeded.
async fn broken(
    stand: &Stand,
    whole: &Place,
    asks: Asks,
    name: &str,
    faults: &[Fault],
) -> Result<(String, bool)> {
    let place = asks.place(stand, whole, name).await?;
    let served = Served::of(&place).await?;
    for fault in faults {
        served.proxy.arm(asks.method(), *fault);
    }
    let said = output(served.reached_by(asks.command(stand, &place))).await?;
    let (told, code) = (message(&said), said.status.code());
    let code = code.context("an exit code")?;
    ensure!(served.proxy.is_spent(), "not all struck: {code} {told}");
    ensure!([0, 1, 2, 5].contains(&code), "{code}: {told}");
    ensure!(!told.contains("panicked"), "{told}");
    ensure!(code == 0 || told.contains("error: "), "{code}: {told}");
    if code != 0 {
        succeeded(output(served.reached_by(asks.command(stand, &place))).await?)?;
    }
    let mut verify = place.command();
    verify.args(["raw", "verify", "--deep", "--client", CLIENT]);
    succeeded(output(verify).await?)?;
    if matches!(asks, Asks::Import) {
        succeeded(output(place.backfill()).await?)?;
    }
    place.check_whole().await?;
    let digest = place.digest()?;
    stand.drop(&place).await?;
    Ok((digest, code == 0))
}

async fn whole(stand: &Stand) -> Result<Place> {
    let place = stand.database("whole").await?;
    succeeded(output(place.backfill()).await?)?;
    Ok(place)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again_and_what_does_not_is_told() -> Result<()> {
    let stand = Stand::build().await?;
    let whole = whole(&stand).await?;
    let expected = whole.digest()?;
    let mut counted = fault("F5");
    for asks in [Asks::Import, Asks::Backfill, Asks::Rebuild] {
        // All that passes in one run, with requests between that are answered.
        let between = |fault| [fault, Fault::Pass, Fault::Pass];
        let mut passing: Vec<_> = PASSING.into_iter().flat_map(between).collect();
        if matches!(asks, Asks::Import) {
            // A lost answer to a PUT has a body of no length to cut.
            passing.retain(|fault| !matches!(fault, Fault::Cut(_)));
        }
        let name = format!("{asks:?}_passing").to_lowercase();
        let (digest, at_once) = broken(&stand, &whole, asks, &name, &passing).await?;
        ensure!(at_once, "{asks:?} did not try again");
        counted = counted.faults(
            passing
                .iter()
                .filter(|fault| **fault != Fault::Pass)
                .count(),
        );
        counted.compare(&digest, &expected)?;
        for (at, fault) in LASTING.into_iter().enumerate() {
            if matches!((asks, fault), (Asks::Import, Fault::Flip)) {
                continue;
            }
            // Behind the requests that find the manifest.
            let faults = [[Fault::Pass; 6].as_slice(), &[fault]].concat();
            let name = format!("{asks:?}_lasting_{at}").to_lowercase();
            let ran = broken(&stand, &whole, asks, &name, &faults).await;
            let (digest, _) = ran.with_context(|| format!("{asks:?} {fault:?}"))?;
            counted = counted.faults(1);
            counted.compare(&digest, &expected)?;
        }
    }
    Ok(())
}

/// Each waits for its time-out: all do so at the same time.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_silent_is_given_up_and_asked_again() -> Result<()> {
    let stand = Stand::build().await?;
    let whole = whole(&stand).await?;
    let expected = whole.digest()?;
    let run = |asks, fault: Fault, name| {
        let (stand, whole) = (&stand, &whole);
        async move {
            let faults = [Fault::Pass, Fault::Pass, Fault::Pass, fault];
            let ran = broken(stand, whole, asks, name, &faults).await;
            ran.with_context(|| format!("{asks:?} {fault:?}"))
        }
    };
    let [no_request, no_answer, stall] = SILENT;
    let digests = tokio::try_join!(
        run(Asks::Import, no_request, "silent_import"),
        run(Asks::Import, no_answer, "silent_import_answer"),
        run(Asks::Backfill, no_answer, "silent_backfill"),
        run(Asks::Backfill, stall, "stalled_backfill"),
        run(Asks::Rebuild, stall, "stalled_rebuild"),
    )?;
    let mut counted = fault("F5").faults(5);
    for (digest, _) in <[_; 5]>::from(digests) {
        counted.compare(&digest, &expected)?;
    }
    Ok(())
}
