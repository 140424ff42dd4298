//! Lists the files of `page/`, so that the program carries them with it.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let here =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let page = here.join("page");
    println!("cargo:rerun-if-changed={}", page.display());
    let mut names: Vec<String> = fs::read_dir(&page)
        .expect("the folder page/ is part of the crate")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| {
            [".html", ".css", ".js", ".svg"]
                .iter()
                .any(|ending| name.ends_with(ending))
        })
        .collect();
    names.sort();
    let mut table = String::from("&[\n");
    for name in &names {
        let path = page.join(name);
        writeln!(
            table,
            "    ({name:?}, include_bytes!({:?}) as &[u8]),",
            path.display().to_string()
        )
        .expect("a String takes all");
    }
    table.push(']');
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("page.rs"), table).expect("cargo's OUT_DIR is writable");
}
