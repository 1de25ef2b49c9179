#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| shipstack_fuzz::check("plan", data));
