//! What the archive holds of a tenant.

use std::fmt;

use anyhow::Result;
use catwing_domain::{BusinessDay, TenantId, manifest::Body};
use catwing_raw_store::Manifest;
use futures_util::TryStreamExt;
use serde::Serialize;

use crate::{
    Session,
    console::{grouped, mebibytes},
};

/// Sealed deliveries of a tenant, and what is in them.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Holdings {
    pub deliveries: u64,
    /// Writes made in the UI.
    pub writes: u64,
    pub objects: u64,
    pub size_bytes: u64,
    pub first_day: Option<BusinessDay>,
    pub last_day: Option<BusinessDay>,
}

/// Walks the manifest.
pub(super) async fn of(session: &Session, client: TenantId) -> Result<Holdings> {
    let mut held = Holdings::default();
    let mut entries = std::pin::pin!(Manifest::of(&session.store, client).entries(None));
    while let Some(sealed) = entries.try_next().await? {
        let day = sealed.entry.business_day;
        let body = &sealed.entry.body;
        held.deliveries += u64::from(matches!(body, Body::Delivery(_)));
        held.writes += u64::from(matches!(body, Body::UiEvent(_)));
        let objects = body.objects();
        if !objects.is_empty() {
            held.objects += objects.len() as u64;
            held.size_bytes += objects.iter().map(|object| object.size_bytes).sum::<u64>();
            held.first_day = Some(held.first_day.map_or(day, |first| first.min(day)));
            held.last_day = Some(held.last_day.map_or(day, |last| last.max(day)));
        }
    }
    Ok(held)
}

impl fmt::Display for Holdings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(first), Some(last)) = (self.first_day, self.last_day) else {
            return f.write_str("no delivery");
        };
        let deliveries = match self.deliveries {
            1 => "1 delivery".to_owned(),
            many => format!("{} deliveries", grouped(many)),
        };
        let writes = match self.writes {
            0 => String::new(),
            1 => " and 1 write of the UI".to_owned(),
            many => format!(" and {} writes of the UI", grouped(many)),
        };
        let (objects, size) = (grouped(self.objects), mebibytes(self.size_bytes));
        write!(
            f,
            "{deliveries}{writes} of {objects} objects, {size}, from {first} to {last}"
        )
    }
}
