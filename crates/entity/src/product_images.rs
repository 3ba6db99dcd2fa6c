//! `product_images`: images of products: part of the product's record; the bytes are in S3 under product-images/.

use sea_orm::entity::prelude::*;

/// A row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_images")]
pub struct Model {
    /// Key of the table and (product, s3_key): 63 bits, the same on every machine.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Product.
    pub product_id: i64,
    /// Key of the image in the bucket.
    #[sea_orm(column_type = "Text")]
    pub s3_key: String,
    /// Kind; null where the source gives none.
    pub image_type_id: Option<i64>,
    /// Update time of the winning record, else the end of its business day; greater wins.
    pub source_version: DateTimeUtc,
    /// Raw record that the row came from: business day, revision, dataset, ordinal and fix,
    /// packed; breaks ties of source_version.
    pub raw_position: i64,
    /// The row that `product_id` names.
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::products::Entity>,
    /// The row that `image_type_id` names.
    #[sea_orm(belongs_to, from = "image_type_id", to = "id")]
    pub image_type: BelongsTo<Option<super::image_types::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
