//! The transform of a delivery that is in memory already: for tests, previews and other engines.

use catwing_domain::{
    BusinessDay, ObjectName, Output,
    manifest::{Completeness, RawObject, Sha256Hash, SourceFacts},
};

use crate::{Mapping, Summary, Transform, TransformError};

/// Transforms a delivery's objects, which are whole in memory.
///
/// # Errors
/// As [`Transform::feed`].
pub fn transform(
    mapping: &Mapping,
    day: BusinessDay,
    objects: &[(ObjectName, &[u8])],
) -> Result<(Output, Summary), TransformError> {
    let described = objects
        .iter()
        .map(|(name, bytes)| describe(mapping, day, name, bytes))
        .collect();
    let mut transform = Transform::new(mapping, day, described);
    let mut output = Output::default();
    for stretch in transform.stretches() {
        for index in &stretch.objects {
            transform.begin_object(&stretch, *index);
            let bytes = objects.get(*index).map_or(&[] as &[u8], |(_, bytes)| bytes);
            transform.feed(bytes, true, &mut output)?;
        }
        while transform.assemble(&stretch, &mut output)? {}
    }
    let summary = transform.finish(&mut output)?;
    Ok((output, summary))
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
