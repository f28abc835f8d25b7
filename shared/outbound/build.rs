//! Compiles the calling-hours rules of `data/law/jurisdictions.toml` into static tables, so that a
//! process pays nothing for rules that it does not use.

#[path = "build/source.rs"]
mod source;
#[path = "build/tables.rs"]
mod tables;

use std::{env, error::Error, fs, path::Path};

const RULES: &str = "data/law/jurisdictions.toml";
const HOLIDAYS: &str = "data/law/public_holidays.txt";
const AREA_CODES: &str = "data/nanp_area_codes.txt";

fn main() -> Result<(), Box<dyn Error>> {
    for file in [RULES, HOLIDAYS, AREA_CODES, "build.rs", "build"] {
        println!("cargo::rerun-if-changed={file}");
    }
    let law: source::Law = toml::from_str(&fs::read_to_string(RULES)?)
        .map_err(|problem| format!("{RULES}: {problem}"))?;
    let rules = source::unite(law.rule).map_err(|problem| format!("{RULES}: {problem}"))?;
    let versions = tables::Versions {
        rules: law.compiled.to_string(),
        holidays: after(HOLIDAYS, "PyPI's holidays ")?,
        first_year: after(HOLIDAYS, "by calendar and day, ")?,
        last_year: after(HOLIDAYS, " to ")?,
        area_codes: after(AREA_CODES, "npa_report of ")?,
    };
    let text = tables::write(&rules, &law.emergency, &law.presumption, &versions)
        .map_err(|problem| format!("{RULES}: {problem}"))?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("law_tables.rs"), text)?;
    Ok(())
}

/// The word that follows a text in the head of a data file.
fn after(file: &str, text: &str) -> Result<String, Box<dyn Error>> {
    let content = fs::read_to_string(file).map_err(|problem| format!("{file}: {problem}"))?;
    let head: Vec<&str> = content.lines().take_while(|line| line.starts_with('#')).collect();
    head.iter()
        .find_map(|line| line.split_once(text))
        .and_then(|(_, rest)| rest.split([' ', ',', ';']).next())
        .map(|word| word.trim_end_matches('.').to_owned())
        .ok_or_else(|| format!("{file}: its head lacks `{text}…`").into())
}
