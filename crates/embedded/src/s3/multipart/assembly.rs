//! From the parts that a completion names to one body.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{CompletedPart, ETag};
use s3s::{S3Error, S3Result, s3_error};

use super::super::attributes::Checksum;
use super::super::receive;
use super::super::store::{Store, Temp};
use super::{StoredPart, gone_or_internal};

/// The smallest part that is not the last, as S3 has it: 5 MiB.
const PART_BYTES_MIN: u64 = 5 * 1024 * 1024;
const COPY_BYTES: usize = 256 * 1024;

/// The stored parts that a completion names, in order.
pub(super) fn choose(wanted: &[CompletedPart], stored: &[StoredPart]) -> S3Result<Vec<StoredPart>> {
    if wanted.is_empty() {
        return Err(s3_error!(
            InvalidRequest,
            "a completion names at least one part"
        ));
    }
    let mut chosen: Vec<StoredPart> = Vec::with_capacity(wanted.len());
    for part in wanted {
        let number = part
            .part_number
            .ok_or_else(|| s3_error!(InvalidPart, "a part without a number"))?;
        if chosen.last().is_some_and(|last| last.number >= number) {
            return Err(s3_error!(
                InvalidPartOrder,
                "parts must be named in ascending order"
            ));
        }
        let etag = part.e_tag.as_ref().map(ETag::value);
        let found = stored
            .iter()
            .find(|stored| stored.number == number && Some(stored.etag.as_str()) == etag);
        chosen.push(
            found
                .cloned()
                .ok_or_else(|| s3_error!(InvalidPart, "part {} was not uploaded so", number))?,
        );
    }
    Ok(chosen)
}

/// A body of all parts, synced but not published.
pub(super) struct Joined {
    pub temp: Temp,
    pub size: u64,
    /// The MD5 of the parts' MD5s, and their number.
    pub etag: String,
    /// Of the whole body, those that were claimed.
    pub checksum: Checksum,
}

/// Writes the chosen parts, one after the other, to one body.
pub(super) fn join(
    store: &Store,
    wanted: &[CompletedPart],
    chosen: &[StoredPart],
    claimed: &Checksum,
) -> S3Result<Joined> {
    let temp = store.desk().temp().map_err(S3Error::internal_error)?;
    let mut whole = hasher_for(claimed);
    let mut tags = Md5::new();
    let mut size = 0u64;
    for (index, (part, stored)) in wanted.iter().zip(chosen).enumerate() {
        let claimed = Checksum {
            crc32: part.checksum_crc32.clone(),
            crc32c: part.checksum_crc32c.clone(),
            crc64nvme: part.checksum_crc64nvme.clone(),
            sha1: part.checksum_sha1.clone(),
            sha256: part.checksum_sha256.clone(),
        };
        let mut own = hasher_for(&claimed);
        let length = append(&temp.file, &stored.path, &mut [&mut whole, &mut own])
            .map_err(gone_or_internal)?;
        receive::verify_checksum(&claimed, &own.finalize().into())
            .map_err(|_| s3_error!(InvalidPart, "part {} has another checksum", stored.number))?;
        if length < PART_BYTES_MIN && index + 1 < chosen.len() {
            return Err(s3_error!(
                EntityTooSmall,
                "part {} has less than {} bytes",
                stored.number,
                PART_BYTES_MIN
            ));
        }
        tags.update(&hex::decode(&stored.etag).map_err(S3Error::internal_error)?);
        size += length;
    }
    temp.file.sync_all().map_err(S3Error::internal_error)?;
    let etag = format!("{}-{}", hex::encode(tags.finalize()), chosen.len());
    Ok(Joined {
        temp,
        size,
        etag,
        checksum: whole.finalize().into(),
    })
}

fn hasher_for(claimed: &Checksum) -> ChecksumHasher {
    receive::hasher(|name| match name {
        "crc32" => claimed.crc32.is_some(),
        "crc32c" => claimed.crc32c.is_some(),
        "crc64nvme" => claimed.crc64nvme.is_some(),
        "sha1" => claimed.sha1.is_some(),
        _ => claimed.sha256.is_some(),
    })
}

fn append(mut body: &File, part: &Path, hashers: &mut [&mut ChecksumHasher]) -> io::Result<u64> {
    let mut source = File::open(part)?;
    let mut buffer = vec![0; COPY_BYTES];
    let mut length = 0;
    loop {
        let count = source.read(&mut buffer)?;
        if count == 0 {
            return Ok(length);
        }
        let bytes = buffer.get(..count).unwrap_or_default();
        for hasher in &mut *hashers {
            hasher.update(bytes);
        }
        body.write_all(bytes)?;
        length += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn stored(number: i32) -> StoredPart {
        StoredPart {
            number,
            etag: format!("{number:032x}"),
            path: PathBuf::new(),
        }
    }

    fn named(number: i32, etag: i32) -> CompletedPart {
        CompletedPart {
            part_number: Some(number),
            e_tag: Some(ETag::Strong(format!("{etag:032x}"))),
            ..CompletedPart::default()
        }
    }

    #[test]
    fn a_completion_names_stored_parts_in_order() {
        let parts = [stored(1), stored(2), stored(5)];
        let chosen = choose(&[named(1, 1), named(5, 5)], &parts).unwrap();
        assert_eq!(chosen, [stored(1), stored(5)]);
        assert!(choose(&[], &parts).is_err());
        assert!(
            choose(&[named(2, 2), named(1, 1)], &parts).is_err(),
            "descending"
        );
        assert!(
            choose(&[named(1, 1), named(1, 1)], &parts).is_err(),
            "twice"
        );
        assert!(choose(&[named(3, 3)], &parts).is_err(), "never uploaded");
        assert!(choose(&[named(1, 9)], &parts).is_err(), "another tag");
    }
}
