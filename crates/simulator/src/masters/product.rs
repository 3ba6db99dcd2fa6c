//! Products, on sale for some of the days.

use std::collections::BTreeMap;

use catwing_domain::BusinessDay;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::Masters;
use crate::{
    amount::Cents,
    calendar::{Calendar, Moment},
};

/// Goods, the German word, and the department that each belongs to.
const GOODS: [(&str, &str, usize); 12] = [
    ("Kettle", "Kessel", 0),
    ("Teapot", "Teekanne", 0),
    ("Lantern", "Laterne", 2),
    ("Basket", "Korb", 2),
    ("Blanket", "Decke", 1),
    ("Candle", "Kerze", 2),
    ("Mug", "Becher", 0),
    ("Tray", "Tablett", 0),
    ("Cushion", "Kissen", 1),
    ("Clock", "Uhr", 2),
    ("Vase", "Vase", 2),
    ("Apron", "Schürze", 1),
];
const DEPARTMENTS: [&str; 3] = ["Kitchen", "Textiles", "Living"];
const COLOURS: [&str; 6] = ["red", "blue", "green", "ivory", "black", "oak"];
const GENDERS: [&str; 3] = ["Unisex", "Female", "Male"];
/// Brands and where they come from; of the last, nobody knows.
pub(super) const BRANDS: [(&str, Option<&str>); 4] = [
    ("Hearth & Co", Some("GB")),
    ("Nordlys", Some("NO")),
    ("Casa Verde", Some("PT")),
    ("Plain", None),
];
/// The code of the charge for sending goods.
const SHIPPING: &str = "SHIP";

/// A product.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub external_id: String,
    index: u32,
    name: String,
    category: usize,
    colour: usize,
    /// Some stand in their department, between the categories.
    is_in_department: bool,
    is_service: bool,
    supplier: u32,
    second_supplier: Option<u32>,
    pub cost: Cents,
    pub price: Cents,
    born: BusinessDay,
    updated_at: Moment,
    /// The first day and, for a retired one, the first day without it; it may return on a third.
    listed: (u16, Option<u16>, Option<u16>),
}

#[derive(Serialize)]
pub(crate) struct CategoryRecord {
    external_id: String,
    name: &'static str,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_external_id: Option<String>,
}

#[derive(Serialize)]
struct Image {
    s3_key: String,
    r#type: &'static str,
}

#[derive(Serialize)]
struct Translation {
    language: &'static str,
    field: &'static str,
    value: String,
}

#[derive(Serialize)]
pub(crate) struct ProductRecord<'a> {
    external_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sku: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor_sku: Option<String>,
    name: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand_country: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<CategoryRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier_external_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Cents>,
    price: Cents,
    #[serde(skip_serializing_if = "Option::is_none")]
    birth_date: Option<BusinessDay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gender: Option<&'static str>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    price_tier: Option<&'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<&'static str, &'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<Image>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    translations: Vec<Translation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Moment>,
}

/// What a product's record brings beside its own row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Children {
    pub attributes: u64,
    pub images: u64,
    pub translations: u64,
}

impl Product {
    pub(super) fn listed_from(&self) -> u16 {
        self.listed.0
    }

    /// Whether the list of a day has it.
    pub(super) fn is_listed(&self, day: u16) -> bool {
        let (from, retired, returned) = self.listed;
        let is_away = retired.is_some_and(|retired| day >= retired)
            && returned.is_none_or(|returned| day < returned);
        day >= from && !is_away
    }

    /// Who sells it to the retailer, and whether as the default.
    pub(super) fn suppliers(&self) -> impl Iterator<Item = (u32, bool)> {
        let is_default = self.names_supplier() || !self.index.is_multiple_of(3);
        let second = self.second_supplier.map(|supplier| (supplier, false));
        (!self.is_service)
            .then_some((self.supplier, is_default))
            .into_iter()
            .chain(second)
    }

    pub(crate) fn supplier(&self) -> u32 {
        self.supplier
    }

    /// Some records leave it to the suppliers to say who is the default.
    fn names_supplier(&self) -> bool {
        !self.is_service && self.index % 9 != 6
    }

    /// The supplier that its own record names.
    pub(crate) fn named_supplier(&self) -> Option<u32> {
        self.names_supplier().then_some(self.supplier)
    }

    pub(crate) fn brand(&self) -> Option<&'static str> {
        self.branded().map(|(name, _)| name)
    }

    /// Codes of the categories that the record names: its own, and the one above.
    pub(crate) fn categories(&self) -> Vec<String> {
        let category = self.category();
        category
            .into_iter()
            .flat_map(|category| [Some(category.external_id), category.parent_external_id])
            .flatten()
            .collect()
    }

    pub(crate) fn children(&self) -> Children {
        Children {
            attributes: self.attributes().len() as u64,
            images: self.image_kinds().len() as u64,
            translations: u64::from(self.translation().is_some()),
        }
    }

    fn branded(&self) -> Option<(&'static str, Option<&'static str>)> {
        let has_none = self.is_service || self.index % 10 == 4;
        BRANDS
            .get(self.index as usize % BRANDS.len())
            .copied()
            .filter(|_| !has_none)
    }

    fn attributes(&self) -> BTreeMap<&'static str, &'static str> {
        let mut attributes = BTreeMap::new();
        if !self.is_service {
            let colour = COLOURS.get(self.colour).copied().unwrap_or_default();
            attributes.insert("colour", colour);
            if self.index.is_multiple_of(2) {
                attributes.insert("care", "wipe clean");
            }
        }
        attributes
    }

    fn image_kinds(&self) -> &'static [&'static str] {
        match self.index % 3 {
            _ if self.is_service => &[],
            0 => &["main", "gallery"],
            1 => &["main"],
            _ => &[],
        }
    }

    fn translation(&self) -> Option<Translation> {
        let (_, german, _) = *GOODS.get(self.category)?;
        let has_one = !self.is_service && self.index.is_multiple_of(4);
        has_one.then(|| Translation {
            language: "de",
            field: "product_name",
            value: format!("{german} Nr. {}", self.index + 1),
        })
    }

    fn category(&self) -> Option<CategoryRecord> {
        let (name, _, department) = *GOODS.get(self.category)?;
        let parent = format!("D{department}");
        match self.is_service {
            true => None,
            false if self.is_in_department => Some(CategoryRecord {
                external_id: parent,
                name: DEPARTMENTS.get(department).copied().unwrap_or_default(),
                r#type: "department",
                parent_external_id: None,
            }),
            false => Some(CategoryRecord {
                external_id: format!("C{:02}", self.category),
                name,
                r#type: "category",
                parent_external_id: Some(parent),
            }),
        }
    }

    fn price_tier(&self) -> Option<&'static str> {
        match self.price.0 {
            _ if self.is_service => None,
            ..1_500 => Some("Entry"),
            1_500..4_000 => Some("Mid"),
            _ => Some("Premium"),
        }
    }

    pub(super) fn record<'a>(&'a self, masters: &'a Masters) -> ProductRecord<'a> {
        let goods = !self.is_service;
        let brand = self.branded();
        let image = |kind: &&'static str| Image {
            s3_key: format!(
                "product-images/{}/{}-{kind}.jpg",
                masters.tenant, self.external_id
            ),
            r#type: kind,
        };
        ProductRecord {
            external_id: &self.external_id,
            sku: goods.then(|| format!("SKU{:06}", self.index + 1)),
            vendor_sku: self
                .index
                .is_multiple_of(2)
                .then(|| format!("V-{:04}", self.index * 7 % 9_973)),
            name: &self.name,
            kind: if goods { "goods" } else { "service" },
            brand: brand.map(|(name, _)| name),
            brand_country: brand.and_then(|(_, country)| country),
            category: self.category(),
            supplier_external_id: self.named_supplier().map(|one| masters.supplier_code(one)),
            cost: Some(self.cost).filter(|_| goods && self.index % 5 != 4),
            price: self.price,
            birth_date: goods.then_some(self.born),
            gender: GENDERS
                .get(self.index as usize % 7)
                .copied()
                .filter(|_| goods),
            status: "on sale",
            price_tier: self.price_tier(),
            attributes: self.attributes(),
            images: self.image_kinds().iter().map(image).collect(),
            translations: self.translation().into_iter().collect(),
            updated_at: self.index.is_multiple_of(2).then_some(self.updated_at),
        }
    }
}

pub(super) fn product(
    rng: &mut ChaCha8Rng,
    index: u32,
    suppliers: u32,
    calendar: Calendar,
) -> Product {
    let category = rng.random_range(0..GOODS.len());
    let colour = rng.random_range(0..COLOURS.len());
    let (goods, ..) = GOODS.get(category).copied().unwrap_or_default();
    let price = Cents(rng.random_range(2..60) * 100 + 99);
    let days = calendar.days;
    // Most are there all the time; some come later, some go, and some of those return.
    let listed = match index % 10 {
        7 => (days / 3, None, None),
        8 => (0, Some(days / 2), None),
        9 => (0, Some(days / 3), Some(days * 2 / 3)),
        _ => (0, None, None),
    };
    let supplier = index % suppliers;
    let second = (supplier + 1) % suppliers;
    Product {
        external_id: format!("P-{:05}", index + 1),
        index,
        name: format!(
            "{goods}, {}, no. {}",
            COLOURS.get(colour).copied().unwrap_or_default(),
            index + 1
        ),
        category,
        colour,
        is_in_department: index % 12 == 11,
        is_service: false,
        supplier,
        second_supplier: Some(second)
            .filter(|second| index.is_multiple_of(3) && *second != supplier),
        cost: price.percent(rng.random_range(40..65)),
        price,
        born: calendar.before(30 + (index % 400) as u16),
        updated_at: calendar.at(rng, listed.0, 6),
        listed,
    }
}

pub(super) fn shipping(calendar: Calendar) -> Product {
    Product {
        external_id: SHIPPING.to_owned(),
        index: 1,
        name: "Shipping".to_owned(),
        category: 0,
        colour: 0,
        is_in_department: false,
        is_service: true,
        supplier: 0,
        second_supplier: None,
        cost: Cents(0),
        price: Cents(490),
        born: calendar.first,
        updated_at: Moment {
            date: calendar.first,
            second: 0,
        },
        listed: (0, None, None),
    }
}
