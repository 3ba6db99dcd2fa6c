//! Load against a real server: each rule of the merge, by outputs made by hand.

mod books;
mod delivery;
mod faults;
mod order;
mod presence;
mod references;
mod shop;
