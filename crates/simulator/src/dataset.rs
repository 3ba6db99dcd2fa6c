//! The datasets of the simulated ERP.

use std::fmt;

/// What the ERP delivers as one thing, named as its files and paths are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dataset {
    /// Every product on the list.
    Products,
    /// Every supplier, with its brands and offers.
    Suppliers,
    /// Every open store, warehouse and distribution centre.
    Locations,
    /// Every customer.
    Customers,
    /// Every price that is or soon will be in force.
    PricingLists,
    /// The stock of every product at every location at the end of the day.
    Inventory,
    /// Sales documents that are new or changed.
    SalesOrders,
    /// Purchase orders that are new or changed.
    PurchaseOrders,
    /// Receipts that are new or changed.
    ReceivingOrders,
    /// Requests of stores that are new or changed.
    StoreOrders,
    /// Transfers that are new or changed.
    TransferOrders,
    /// Rates that became known; of the shared tenant, not of the retailer.
    CurrencyRates,
}

impl Dataset {
    /// Every dataset, in the order in which a day's files are written.
    pub const ALL: [Self; 12] = [
        Self::Products,
        Self::Suppliers,
        Self::Locations,
        Self::Customers,
        Self::PricingLists,
        Self::Inventory,
        Self::SalesOrders,
        Self::PurchaseOrders,
        Self::ReceivingOrders,
        Self::StoreOrders,
        Self::TransferOrders,
        Self::CurrencyRates,
    ];

    /// The name in files and paths.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Suppliers => "suppliers",
            Self::Locations => "locations",
            Self::Customers => "customers",
            Self::PricingLists => "pricing_lists",
            Self::Inventory => "inventory",
            Self::SalesOrders => "sales_orders",
            Self::PurchaseOrders => "purchase_orders",
            Self::ReceivingOrders => "receiving_orders",
            Self::StoreOrders => "store_orders",
            Self::TransferOrders => "transfer_orders",
            Self::CurrencyRates => "currency_rates",
        }
    }

    /// The dataset with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dataset| dataset.name() == name)
    }

    /// Whether a delivery tells all that there is, instead of what is new.
    #[must_use]
    pub fn is_snapshot(self) -> bool {
        matches!(
            self,
            Self::Products
                | Self::Suppliers
                | Self::Locations
                | Self::Customers
                | Self::PricingLists
                | Self::Inventory
        )
    }

    /// Whether it belongs to the shared tenant.
    #[must_use]
    pub fn is_shared(self) -> bool {
        self == Self::CurrencyRates
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
