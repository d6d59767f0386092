//! Whole reports as their readers get them: kept editions, the same numbers in every format, no word left untranslated.

mod edition;
mod kept;
mod notices;
mod numbers;
mod python;
mod random;
mod words;
