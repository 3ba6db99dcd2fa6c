//! The tests of the whole.

mod front_door;
mod load;
