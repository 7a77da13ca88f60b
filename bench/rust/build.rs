use std::env;
use std::process::Command;

/// Hands the version of the compiler to the program, which has no other way to know it.
fn main() {
    let rustc = env::var("RUSTC").expect("cargo sets RUSTC");
    let output = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("rustc runs");
    let version = String::from_utf8_lossy(&output.stdout);
    println!("cargo:rustc-env=RUSTC_VERSION={}", version.trim());
    println!("cargo:rerun-if-changed=build.rs");
}
