//! A member of a backup on its way: SQL to gzip to the archive, and back. Compression has a thread of
//! its own, so that reading, compressing and sending go on side by side; little is held between them.

use std::io::{self, Write};

use bytes::{Bytes, BytesMut};
use catwing_domain::{TenantId, manifest::Sha256Hash};
use catwing_raw_store::{Store, Upload};
use flate2::{Compression, write::GzDecoder, write::GzEncoder};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::mpsc,
    task::spawn_blocking,
};

use super::{
    Flaw, Member, Part,
    sql::{Contents, NotSql, Piece, SqlReader},
};
use crate::RecoveryError;

/// Bytes that are read, or compressed, at a time.
const CHUNK_BYTES: usize = 256 << 10;
/// Chunks that wait between two stages.
const CHUNKS_WAITING: usize = 4;

/// SQL that was written to the archive.
pub(super) struct Packed {
    /// Bytes and SHA-256 of the gzip member.
    pub size_bytes: u64,
    pub sha256: Sha256Hash,
    sql: Unpacked,
}

/// What SQL was, once all of it is read.
struct Unpacked {
    bytes: u64,
    sha256: Sha256Hash,
    contents: Contents,
}

/// Where a member belongs.
pub(super) struct Place {
    pub client: TenantId,
    pub part: Part,
    pub offset_bytes: u64,
}

impl Packed {
    pub(super) fn into_member(self, place: Place) -> Member {
        Member {
            client: place.client,
            part: place.part,
            offset_bytes: place.offset_bytes,
            size_bytes: self.size_bytes,
            sha256: self.sha256,
            sql_bytes: self.sql.bytes,
            sql_sha256: self.sql.sha256,
            rows: self.sql.contents.rows,
        }
    }
}

/// Why compressing stopped.
enum PackStopped {
    Sql(NotSql),
    Gzip(io::Error),
}

/// Writes SQL as one gzip member to the end of an upload; `watch` hears how many bytes of SQL were read.
///
/// # Errors
/// [`RecoveryError::DumpBroken`] for SQL that is none, [`RecoveryError::Pipe`],
/// [`RecoveryError::BackupStore`].
pub(super) async fn pack(
    client: TenantId,
    mut source: impl AsyncRead + Unpin,
    upload: &mut Upload,
    watch: &(dyn Fn(u64) + Send + Sync),
) -> Result<Packed, RecoveryError> {
    let pipe = |source| RecoveryError::Pipe { client, source };
    let (plain, compressing) = mpsc::channel(CHUNKS_WAITING);
    let (compressed, mut sending) = mpsc::channel::<Vec<u8>>(CHUNKS_WAITING);
    let worker = spawn_blocking(move || compress(compressing, &compressed));
    let read = async move {
        let mut read_bytes = 0;
        loop {
            let mut buffer = BytesMut::with_capacity(CHUNK_BYTES);
            let length = source.read_buf(&mut buffer).await.map_err(pipe)?;
            // Where the worker has stopped, it says why itself.
            if length == 0 || plain.send(buffer.freeze()).await.is_err() {
                return Ok(());
            }
            read_bytes += length as u64;
            watch(read_bytes);
        }
    };
    let (mut size_bytes, mut sha256) = (0, Sha256::new());
    let send = async {
        while let Some(bytes) = sending.recv().await {
            size_bytes += bytes.len() as u64;
            sha256.update(&bytes);
            let written = upload.write(&bytes).await;
            written.map_err(RecoveryError::backup_store)?;
        }
        Ok(())
    };
    tokio::try_join!(read, send)?;
    let sql = match worker.await {
        Ok(Ok(sql)) => sql,
        Ok(Err(PackStopped::Gzip(source))) => return Err(pipe(source)),
        Ok(Err(PackStopped::Sql(reason))) => {
            let said = reason.to_string();
            return Err(RecoveryError::DumpBroken { client, said });
        }
        Err(ended) => return Err(pipe(io::Error::other(ended))),
    };
    Ok(Packed {
        size_bytes,
        sha256: Sha256Hash(sha256.finalize().into()),
        sql,
    })
}

fn compress(
    mut plain: mpsc::Receiver<Bytes>,
    compressed: &mpsc::Sender<Vec<u8>>,
) -> Result<Unpacked, PackStopped> {
    let mut sql = SqlSink::new(u64::MAX);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    while let Some(bytes) = plain.blocking_recv() {
        sql.read(&bytes, &mut |_| {}).map_err(PackStopped::Sql)?;
        encoder.write_all(&bytes).map_err(PackStopped::Gzip)?;
        if encoder.get_ref().len() >= CHUNK_BYTES {
            // Nobody receives any more where sending has failed, and that is told there.
            let _ = compressed.blocking_send(std::mem::take(encoder.get_mut()));
        }
    }
    let rest = encoder.finish().map_err(PackStopped::Gzip)?;
    let _ = compressed.blocking_send(rest);
    sql.finish(&mut |_| {}).map_err(PackStopped::Sql)
}

/// Reads a member back by its range and gives out its SQL, piece by piece, on a thread of its own.
/// Use nothing of it for good before this has returned: only then it is known to be right.
///
/// # Errors
/// [`RecoveryError::BackupFlawed`] for bytes that are not those that were written,
/// [`RecoveryError::BackupStore`], [`RecoveryError::Pipe`].
pub(super) async fn unpack(
    store: &Store,
    key: &str,
    member: &Member,
    mut give: impl FnMut(Piece<'_>) + Send + 'static,
) -> Result<(), RecoveryError> {
    let client = member.client;
    let (compressed, decompressing) = mpsc::channel(CHUNKS_WAITING);
    let expected = member.clone();
    let worker = spawn_blocking(move || decompress(decompressing, &expected, &mut give));
    let range = store.get_range(key, member.offset_bytes, member.size_bytes);
    let mut body = range.await.map_err(RecoveryError::backup_store)?;
    while let Some(chunk) = body.chunk().await.map_err(RecoveryError::backup_store)? {
        // Where the worker has stopped, the bytes that it stopped at may be wrong: all are looked at.
        let _ = compressed.send(chunk).await;
    }
    drop(compressed);
    let unpacked = worker.await.map_err(|ended| RecoveryError::Pipe {
        client,
        source: io::Error::other(ended),
    })?;
    let is_right = body.read_bytes() == member.size_bytes && body.sha256() == member.sha256;
    let unpacked = match unpacked {
        _ if !is_right => Err(Flaw::Sha256 { client }),
        unpacked => unpacked,
    };
    let compared = unpacked.and_then(|unpacked| compare(&unpacked, member));
    compared.map_err(|flaw| RecoveryError::flawed(key, flaw))
}

fn decompress(
    mut compressed: mpsc::Receiver<Bytes>,
    member: &Member,
    give: &mut dyn FnMut(Piece<'_>),
) -> Result<Unpacked, Flaw> {
    let client = member.client;
    let mut decoder = GzDecoder::new(GivingSink {
        sql: SqlSink::new(member.sql_bytes),
        give,
        not_sql: None,
    });
    let not_sql = |sink: &GivingSink<'_>| {
        let reason = sink.not_sql?;
        Some(Flaw::not_sql(client, reason))
    };
    let gzip = |error: io::Error| Flaw::Gzip {
        client,
        reason: error.to_string(),
    };
    while let Some(bytes) = compressed.blocking_recv() {
        if let Err(error) = decoder.write_all(&bytes) {
            return Err(not_sql(decoder.get_ref()).unwrap_or_else(|| gzip(error)));
        }
    }
    if let Err(error) = decoder.try_finish() {
        return Err(not_sql(decoder.get_ref()).unwrap_or_else(|| gzip(error)));
    }
    let GivingSink { sql, give, .. } = decoder.finish().map_err(gzip)?;
    sql.finish(give)
        .map_err(|reason| Flaw::not_sql(client, reason))
}

/// Whether SQL that was read back is what was written.
fn compare(unpacked: &Unpacked, member: &Member) -> Result<(), Flaw> {
    let client = member.client;
    if unpacked.bytes != member.sql_bytes || unpacked.sha256 != member.sql_sha256 {
        return Err(Flaw::Sha256 { client });
    }
    if member.part == Part::Schemas && !unpacked.contents.is_complete {
        let reason = "pg_dump's last line is missing".to_owned();
        return Err(Flaw::Sql { client, reason });
    }
    if unpacked.contents.rows != member.rows {
        return Err(Flaw::Members);
    }
    Ok(())
}

/// Reads and measures SQL.
struct SqlSink {
    reader: SqlReader,
    sha256: Sha256,
    bytes: u64,
    bytes_max: u64,
}

impl SqlSink {
    fn new(bytes_max: u64) -> Self {
        Self {
            reader: SqlReader::default(),
            sha256: Sha256::new(),
            bytes: 0,
            bytes_max,
        }
    }

    fn read(&mut self, bytes: &[u8], give: &mut dyn FnMut(Piece<'_>)) -> Result<(), NotSql> {
        self.bytes += bytes.len() as u64;
        self.sha256.update(bytes);
        self.reader.feed(bytes, give)
    }

    fn finish(self, give: &mut dyn FnMut(Piece<'_>)) -> Result<Unpacked, NotSql> {
        Ok(Unpacked {
            bytes: self.bytes,
            sha256: Sha256Hash(self.sha256.finalize().into()),
            contents: self.reader.finish(give)?,
        })
    }
}

/// Where decompressed bytes go.
struct GivingSink<'g> {
    sql: SqlSink,
    give: &'g mut dyn FnMut(Piece<'_>),
    not_sql: Option<NotSql>,
}

impl Write for GivingSink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.sql.bytes + bytes.len() as u64 > self.sql.bytes_max {
            return Err(io::Error::other("it is longer than its sidecar says"));
        }
        if let Err(reason) = self.sql.read(bytes, self.give) {
            self.not_sql = Some(reason);
            return Err(io::Error::other(reason));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, io::Write};

    use bytes::Bytes;
    use catwing_domain::manifest::Sha256Hash;
    use flate2::{Compression, write::GzEncoder};
    use tokio::sync::mpsc;

    use super::{Flaw, Member, Part, compare, decompress};

    const SQL: &str = "SET x = 0;\nCOPY cw_200.a (id) FROM stdin;\n1\n2\n\\.\n\n\
        --\n-- PostgreSQL database dump complete\n--\n";

    fn packed(sql: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(sql.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn member(sql: &str) -> Member {
        Member {
            client: "CW-000200".parse().unwrap(),
            part: Part::Schemas,
            offset_bytes: 0,
            size_bytes: 0,
            sha256: Sha256Hash::of(b""),
            sql_bytes: sql.len() as u64,
            sql_sha256: Sha256Hash::of(sql.as_bytes()),
            rows: BTreeMap::from([("cw_200.a".to_owned(), 2)]),
        }
    }

    /// What is wrong with gzip bytes that should be a member; nothing where nothing is.
    fn flaw(packed: &[u8], member: &Member) -> Option<Flaw> {
        let (sender, receiver) = mpsc::channel(packed.len() + 1);
        for bytes in packed.chunks(5) {
            sender.try_send(Bytes::copy_from_slice(bytes)).unwrap();
        }
        drop(sender);
        let unpacked = decompress(receiver, member, &mut |_| {});
        unpacked
            .and_then(|unpacked| compare(&unpacked, member))
            .err()
    }

    #[test]
    fn only_the_member_that_was_written_is_taken() {
        let (good, whole) = (member(SQL), packed(SQL));
        assert_eq!(flaw(&whole, &good), None);
        for cut in [0, 4, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
            let found = flaw(&whole[..cut], &good);
            assert!(matches!(found, Some(Flaw::Gzip { .. })), "{cut}: {found:?}");
        }
        for changed in [0, whole.len() / 2, whole.len() - 6, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes[changed] ^= 0x10;
            assert!(flaw(&bytes, &good).is_some(), "byte {changed}");
        }
        let more = [whole.clone(), b"more".to_vec()].concat();
        assert!(matches!(flaw(&more, &good), Some(Flaw::Gzip { .. })));

        // Right as gzip, and yet not what it should be.
        let longer = format!("{SQL}\n");
        assert!(matches!(
            flaw(&packed(&longer), &good),
            Some(Flaw::Gzip { .. })
        ));
        let other = SQL.replace("2\n", "3\n");
        assert!(matches!(
            flaw(&packed(&other), &good),
            Some(Flaw::Sha256 { .. })
        ));
        let cut = SQL.split_once("2\n").unwrap().0;
        assert!(matches!(
            flaw(&packed(cut), &member(cut)),
            Some(Flaw::Sql { .. })
        ));
        let unsaid = SQL.replace("complete", "begun");
        assert!(matches!(
            flaw(&packed(&unsaid), &member(&unsaid)),
            Some(Flaw::Sql { .. })
        ));
        let fewer = SQL.replace("2\n", "");
        assert_eq!(flaw(&packed(&fewer), &member(&fewer)), Some(Flaw::Members));
    }
}
