//! The transform of a delivery that is in memory already: for tests, previews and other engines.

use catwing_domain::{
    BusinessDay, ObjectName, Output, PresenceScope,
    manifest::{Completeness, Fix, RawObject, Sha256Hash, SourceFacts},
};

use crate::{FoundRecord, Mapping, Preview, Summary, Transform, TransformError};

/// What a delivery that is whole in memory came to.
#[derive(Debug)]
pub struct Whole {
    /// Its rows and rejects.
    pub output: Output,
    /// Its counts.
    pub summary: Summary,
    /// The presence that it says something of.
    pub presence: Vec<PresenceScope>,
}

/// Transforms a delivery's objects, which are whole in memory.
///
/// # Errors
/// As [`Transform::feed`].
pub fn transform(
    mapping: &Mapping,
    day: BusinessDay,
    objects: &[(ObjectName, &[u8])],
) -> Result<Whole, TransformError> {
    let transform = Transform::new(mapping, day, described(mapping, day, objects));
    Ok(read(transform, objects)?.1)
}

/// Transforms one corrected record of a delivery whose objects are whole in memory: as
/// [`Transform::correcting`].
///
/// # Errors
/// As [`Transform::correcting`] and [`Transform::feed`].
pub fn correct(
    mapping: &Mapping,
    day: BusinessDay,
    objects: &[(ObjectName, &[u8])],
    fix: &Fix,
) -> Result<Whole, TransformError> {
    let described = described(mapping, day, objects);
    let transform = Transform::correcting(mapping, day, described, fix)?;
    Ok(read(transform, objects)?.1)
}

/// What lies at a place of a delivery whose objects are whole in memory, as [`Transform::finding`].
///
/// # Errors
/// As [`Transform::finding`] and [`Transform::feed`].
pub fn find(
    mapping: &Mapping,
    day: BusinessDay,
    objects: &[(ObjectName, &[u8])],
    place: (&str, u64),
) -> Result<Vec<FoundRecord>, TransformError> {
    let described = described(mapping, day, objects);
    let mut transform = Transform::finding(mapping, day, described, place)?;
    read_stretches(&mut transform, objects, &mut Output::default())?;
    Ok(transform.into_found())
}

/// The first canonical records and rejects of every entity in objects that are whole in memory.
///
/// # Errors
/// As [`Transform::feed`].
pub fn preview(
    mapping: &Mapping,
    day: BusinessDay,
    objects: &[(ObjectName, &[u8])],
    each: usize,
) -> Result<Vec<Preview>, TransformError> {
    let transform = Transform::new(mapping, day, described(mapping, day, objects));
    Ok(read(transform.with_previews(each), objects)?.0)
}

fn read_stretches(
    transform: &mut Transform<'_>,
    objects: &[(ObjectName, &[u8])],
    output: &mut Output,
) -> Result<Vec<PresenceScope>, TransformError> {
    let mut presence = Vec::new();
    while let Some(stretch) = transform.next_stretch() {
        for index in &stretch.objects {
            transform.begin_object(&stretch, *index);
            let bytes = objects.get(*index).map_or(&[] as &[u8], |(_, bytes)| bytes);
            transform.feed(bytes, true, output)?;
        }
        while transform.assemble(&stretch, output)? {}
        presence.extend(transform.presence(&stretch)?);
    }
    Ok(presence)
}

fn read(
    mut transform: Transform<'_>,
    objects: &[(ObjectName, &[u8])],
) -> Result<(Vec<Preview>, Whole), TransformError> {
    let mut output = Output::default();
    let presence = read_stretches(&mut transform, objects, &mut output)?;
    let previews = transform.previews().to_vec();
    let summary = transform.finish(&mut output)?;
    let whole = Whole {
        output,
        summary,
        presence,
    };
    Ok((previews, whole))
}

fn described(
    mapping: &Mapping,
    day: BusinessDay,
    objects: &[(ObjectName, &[u8])],
) -> Vec<RawObject> {
    let one = |(name, bytes): &(ObjectName, &[u8])| describe(mapping, day, name, bytes);
    objects.iter().map(one).collect()
}

fn describe(mapping: &Mapping, day: BusinessDay, name: &ObjectName, bytes: &[u8]) -> RawObject {
    RawObject {
        key: name.key(mapping.tenant, day),
        dataset: name.dataset.clone(),
        revision: name.revision,
        page: name.page,
        size_bytes: bytes.len() as u64,
        sha256: Sha256Hash::of(bytes),
        version_id: None,
        record_count: None,
        completeness: mapping
            .completeness(&name.dataset)
            .unwrap_or(Completeness::Delta),
        source: SourceFacts::default(),
    }
}
