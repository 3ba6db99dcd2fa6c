#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catwing_tests::fuzz::read("grouped_number", bytes));
