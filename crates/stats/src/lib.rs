//! Statistics of a tenant: sixteen tables that the UI reads, kept up to date by what changed.
