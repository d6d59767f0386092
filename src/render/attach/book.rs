//! A sheet being written: cells by type, columns as wide as what they hold, ready to be printed.

use super::cells::Figure;
use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, FormatAlign, FormatBorder, Worksheet, XlsxError};
use std::collections::HashMap;

/// What Excel can hold in a cell, in UTF-16 units.
const TEXT: usize = 32_767;
/// In characters; what is longer wraps.
const WIDEST: usize = 44;
/// Of each text of a footer: all of `&`, which is written twice, both stay within the 255 that Excel can hold.
const FOOTER: usize = 60;

const RULE: u32 = 0xd9_dd_e3;
const SOFT: u32 = 0x5f_66_70;

/// How a cell looks, its number format aside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Look {
    pub bold: bool,
    pub large: bool,
    /// Beneath something else.
    pub indent: bool,
    pub right: bool,
    pub colour: Option<u32>,
    /// The head of a column.
    pub head: bool,
    /// A line of a table.
    pub ruled: bool,
    /// As high as its text needs; cells of a table are.
    pub wrapped: bool,
}

impl Look {
    pub const TITLE: Look = Look { bold: true, large: true, ..Look::PLAIN };
    pub const SOFT: Look = Look { colour: Some(SOFT), ..Look::PLAIN };
    pub const CELL: Look = Look { ruled: true, ..Look::PLAIN };
    const PLAIN: Look = Look {
        bold: false,
        large: false,
        indent: false,
        right: false,
        colour: None,
        head: false,
        ruled: false,
        wrapped: false,
    };

    fn style(self, pattern: &str) -> Style {
        let mut style = Style::new().set_align(if self.head { FormatAlign::Bottom } else { FormatAlign::Top });
        if !pattern.is_empty() {
            style = style.set_num_format(pattern);
        }
        if self.bold || self.head {
            style = style.set_bold();
        }
        if self.large {
            style = style.set_font_size(15);
        }
        // Figures keep off the text to their right.
        style = match (self.right, self.indent) {
            (true, _) => style.set_align(FormatAlign::Right).set_indent(1),
            (false, true) => style.set_align(FormatAlign::Left).set_indent(2),
            (false, false) => style.set_align(FormatAlign::Left),
        };
        if let Some(colour) = self.colour {
            style = style.set_font_color(colour);
        }
        match (self.head, self.ruled) {
            (true, _) => style.set_text_wrap().set_border_bottom(FormatBorder::Thin).set_font_color(SOFT),
            (_, true) => style.set_text_wrap().set_border_bottom(FormatBorder::Hair).set_border_bottom_color(RULE),
            _ if self.wrapped => style.set_text_wrap(),
            _ => style,
        }
    }
}

/// Styles that have been made: a sheet has thousands of cells and a dozen looks.
#[derive(Default)]
struct Styles(HashMap<Look, HashMap<String, Style>>);

impl Styles {
    fn of(&mut self, look: Look, pattern: &str) -> &Style {
        let of_look = self.0.entry(look).or_default();
        if !of_look.contains_key(pattern) {
            of_look.insert(pattern.to_owned(), look.style(pattern));
        }
        &of_look[pattern]
    }
}

/// A sheet and the row that is written.
pub(super) struct Page {
    sheet: Worksheet,
    row: u32,
    widths: Vec<usize>,
    /// What no column is wider than, in characters.
    widest: usize,
    styles: Styles,
}

impl Page {
    pub fn new(name: &str) -> Result<Page, XlsxError> {
        let mut sheet = Worksheet::new();
        sheet
            .set_name(name)?
            .set_landscape()
            .set_paper_size(9)
            .set_print_fit_to_pages(1, 0)
            .set_screen_gridlines(false);
        sheet.set_margins(0.4, 0.4, 0.5, 0.7, 0.3, 0.3).group_symbols_above(true);
        Ok(Page { sheet, row: 0, widths: Vec::new(), widest: WIDEST, styles: Styles::default() })
    }

    /// With a column `widest` characters wide, for sentences.
    pub fn of_prose(self, widest: usize) -> Page {
        Page { widest, widths: vec![widest], ..self }
    }

    pub fn row(&self) -> u32 {
        self.row
    }

    pub fn next(&mut self) {
        self.row += 1;
    }

    /// A line above the table; no column is wider for it.
    pub fn line(&mut self, text: &str, look: Look) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row, 0, fitting(text), self.styles.of(look, ""))?;
        if look.large {
            self.sheet.set_row_height(self.row, 24)?;
        }
        self.next();
        Ok(())
    }

    /// The heads of the columns; what stands above and they themselves stay in sight and on every printed page.
    pub fn heads(&mut self, heads: &[(String, bool)], still: u16) -> Result<(), XlsxError> {
        for (column, (head, right)) in (0..).zip(heads) {
            self.text(column, head, Look { head: true, right: *right, ..Look::default() })?;
        }
        self.sheet.set_repeat_rows(self.row, self.row)?.set_freeze_panes(self.row + 1, still)?;
        self.next();
        Ok(())
    }

    /// Always a text, whatever it looks like, also after it was edited.
    pub fn text(&mut self, column: u16, text: &str, look: Look) -> Result<(), XlsxError> {
        let text = fitting(text);
        let begins = text.trim_start().chars().next();
        let hostile = begins.is_some_and(|c| "=+-@＝＋－＠".contains(c)) || text.starts_with(['\t', '\r', '\'']);
        if hostile {
            self.sheet.write_string_with_format(self.row, column, text, &look.style("").set_quote_prefix())?;
        } else if look == Look::default() {
            self.sheet.write_string(self.row, column, text)?;
        } else {
            self.sheet.write_string_with_format(self.row, column, text, self.styles.of(look, ""))?;
        }
        // A head may wrap between words; a cell is as wide as its text.
        let longest = match look.head {
            true => text.split(' ').map(|word| word.chars().count()).max().unwrap_or(0),
            false => text.lines().map(|line| line.chars().count()).max().unwrap_or(0),
        };
        self.widen(column, longest + usize::from(look.indent) * 2);
        Ok(())
    }

    pub fn figure(&mut self, column: u16, figure: &Figure, look: Look) -> Result<(), XlsxError> {
        let look = Look { right: true, ..look };
        self.sheet.write_number_with_format(self.row, column, figure.number, self.styles.of(look, &figure.pattern))?;
        self.widen(column, figure.shown.chars().count());
        Ok(())
    }

    /// A number without a unit.
    pub fn number(&mut self, column: u16, number: f64, look: Look) -> Result<(), XlsxError> {
        let pattern = if number.fract() == 0.0 { "#,##0" } else { "#,##0.00" };
        self.figure(column, &Figure { number, pattern: pattern.to_owned(), shown: format!("{number:.2}") }, look)
    }

    pub fn date(&mut self, column: u16, date: Date, look: Look) -> Result<(), XlsxError> {
        let day = ExcelDateTime::from_ymd(
            date.year().unsigned_abs(),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        )?;
        self.sheet.write_datetime_with_format(self.row, column, day, self.styles.of(look, "yyyy-mm-dd"))?;
        self.widen(column, 10);
        Ok(())
    }

    /// An empty cell that belongs to the table.
    pub fn empty(&mut self, column: u16, look: Look) -> Result<(), XlsxError> {
        self.sheet.write_blank(self.row, column, self.styles.of(look, ""))?;
        Ok(())
    }

    /// Puts the rows from `first` to the one before this beneath the row above them.
    pub fn group(&mut self, first: u32) -> Result<(), XlsxError> {
        if first < self.row {
            self.sheet.group_rows(first, self.row - 1)?;
        }
        Ok(())
    }

    /// Lets readers choose among the rows beneath `heads`.
    pub fn filter(&mut self, heads: u32) -> Result<(), XlsxError> {
        let last = u16::try_from(self.widths.len()).unwrap_or(u16::MAX).saturating_sub(1);
        self.sheet.autofilter(heads, 0, self.row.saturating_sub(1).max(heads), last)?;
        Ok(())
    }

    /// The sheet, with what stands at the foot of each printed page.
    pub fn finish(mut self, title: &str, period: &str) -> Result<Worksheet, XlsxError> {
        for (column, width) in (0..).zip(&self.widths) {
            self.sheet.set_column_width(column, (*width).clamp(8, self.widest) as f64 + 3.0)?;
        }
        let [title, period] = [title, period].map(footer);
        self.sheet.set_footer(format!("&L{title}&C{period}&R&P / &N"));
        Ok(self.sheet)
    }

    fn widen(&mut self, column: u16, characters: usize) {
        let column = usize::from(column);
        if self.widths.len() <= column {
            self.widths.resize(column + 1, 0);
        }
        self.widths[column] = self.widths[column].max(characters);
    }
}

fn fitting(text: &str) -> &str {
    if text.len() <= TEXT { text } else { super::names::cut(text, TEXT) }
}

/// Text for a footer, where `&` begins a command.
fn footer(text: &str) -> String {
    super::names::cut(text, FOOTER).replace('&', "&&").replace(char::is_control, " ")
}
