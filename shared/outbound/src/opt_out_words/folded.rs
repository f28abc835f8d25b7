//! Words as people write them, in one spelling.

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, GeneralCategoryGroup},
};

/// The words of a text in lower case, without accents; what is neither a letter nor a digit
/// separates them. An apostrophe does not: "don't" is one word. Compatible characters count as what
/// they stand for, such as those of full width (Unicode NFKD).
pub(super) fn words(text: &str) -> Vec<String> {
    let text = text.replace(is_apostrophe, "");
    let categories = CodePointMapData::<GeneralCategory>::new();
    let is_shown = |c: &char| !is_unseen(categories.get(*c));
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(&text);
    let shown = decomposed.chars().filter(is_shown);
    // By way of capitals, which are fewer: "ß" is "SS" there, and a dotless "ı" an "I".
    let folded: String = shown.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect();
    let words = folded.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '´' | '‘' | '’' | 'ʼ')
}

/// Returns whether characters of a category are accents, or have no shape, such as joiners.
fn is_unseen(category: GeneralCategory) -> bool {
    GeneralCategoryGroup::Mark.contains(category) || category == GeneralCategory::Format
}
