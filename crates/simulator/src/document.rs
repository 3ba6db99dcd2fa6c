//! Documents as the simulated ERP writes them.

mod purchase;
mod receipt;
mod sale;
mod store_order;
mod transfer;

pub(crate) use purchase::{Purchase, PurchaseLine, PurchaseStatus};
pub(crate) use receipt::{Receipt, ReceiptLine};
pub(crate) use sale::{Discount, Sale, SaleKind, SaleLine, Update};
pub(crate) use store_order::{StoreOrder, StoreOrderLine};
pub(crate) use transfer::{Transfer, TransferLine};
