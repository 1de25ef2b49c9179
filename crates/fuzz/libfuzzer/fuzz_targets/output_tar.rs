#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| shipstack_fuzz::check("output_tar", data));
