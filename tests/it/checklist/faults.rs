//! A good mail, and for each rule of the checklist the same mail with one fault.

mod html;
mod message;

/// A mail with one fault, and what is to be said of it.
pub struct Fault {
    pub name: &'static str,
    /// Every rule that must fire; the others must not.
    pub rules: &'static [&'static str],
    /// What the findings must say between them.
    pub words: &'static [&'static str],
    /// The report's own numbers, put beside the mail.
    pub json: Option<&'static str>,
    change: fn(&mut Parts),
}

impl Fault {
    pub fn mail(&self) -> Vec<u8> {
        let mut parts = Parts::good();
        (self.change)(&mut parts);
        parts.bytes()
    }
}

/// A mail before it is put together.
struct Parts {
    headers: String,
    text: String,
    html: String,
    /// The parts beside the HTML, whole.
    pictures: String,
    attachments: String,
    /// How the two bodies follow each other.
    html_first: bool,
    /// Done to the finished message.
    last: fn(String) -> Vec<u8>,
}

const HEADERS: &str = "From: KPIs <kpis@example.com>
To: Ana <ana@example.org>
Subject: Weekly sales, 1 missed
Date: Mon, 16 Nov 2026 07:00:00 +0000
Message-ID: <weekly.2026-W46.ana@example.com>
MIME-Version: 1.0
Auto-Submitted: auto-generated
X-Auto-Response-Suppress: All
Precedence: bulk
List-Id: <weekly.example.com>
";

const GOOD: &str = include_str!("../../checklist/good.html");

const TEXT: &str = "Weekly sales

NEEDS ATTENTION
CAC: 312.40 (at most 250.00)
It was 260.10 a week ago; this line is here to be the twin of a picture.

ALL FIGURES
CAC 312.40 Marketing
https://example.com/weekly
";

/// So much that pictures don't outweigh the words: a mail with a picture and little text looks like spam.
const GLOSSARY: &str = "CAC is what marketing and sales cost in the period, divided by the customers
who bought for the first time in it. Costs are those of the books; customers
are those of the shop, each counted on the day of the first order.

A value is missed when it lies on the wrong side of its target by more than
the margin that the target allows; near when it lies within the margin, and
met otherwise. What has no target is shown and not judged.

The change of a value is what remains after the one before is taken away. It
is split among the inputs of the formula so that the shares add up to the
whole change, whatever the order in which the inputs are looked at.

Segments are shown from the largest to the smallest. Those that are too small
to be named are counted together, and their value is the quotient of their
sums, never the mean of their quotients.

";

/// One pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";

impl Parts {
    fn good() -> Parts {
        let glossary = GLOSSARY.repeat(3);
        let paragraphs = glossary.trim_end().replace("\n\n", "</p>\n<p>");
        Parts {
            headers: HEADERS.to_owned(),
            text: format!("{TEXT}\n{glossary}"),
            html: GOOD.replace("</table>\n<p>", &format!("</table>\n<p>{paragraphs}</p>\n<p>")),
            pictures: picture("cac.png"),
            attachments: "--mixed\nContent-Type: text/csv; charset=utf-8; name=\"weekly.csv\"\n\
                 Content-Disposition: attachment; filename=\"weekly.csv\"\nContent-Transfer-Encoding: base64\n\n\
                 a3BpLHZhbHVlCkNBQywzMTIuNAo=\n"
                .to_owned(),
            html_first: false,
            last: String::into_bytes,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let text = body("--alternative", "plain", &self.text);
        let html = format!(
            "--alternative\nContent-Type: multipart/related; boundary=related\n\n{}{}--related--\n",
            body("--related", "html", &self.html),
            self.pictures
        );
        let bodies = if self.html_first { [html, text] } else { [text, html] }.concat();
        let mail = format!(
            "{}Content-Type: multipart/mixed; boundary=mixed\n\n\
             --mixed\nContent-Type: multipart/alternative; boundary=alternative\n\n{bodies}--alternative--\n\
             {}--mixed--\n",
            self.headers, self.attachments
        );
        (self.last)(mail.replace('\n', "\r\n"))
    }

    /// Puts `new` in the place of `old` in the HTML, which must be there.
    fn html(&mut self, old: &str, new: &str) {
        assert!(self.html.contains(old), "{old}");
        self.html = self.html.replacen(old, new, 1);
    }

    /// Adds a paragraph's worth of HTML after the picture.
    fn add(&mut self, html: &str) {
        self.html("<h2>All figures</h2>", &format!("{html}\n<h2>All figures</h2>"));
    }
}

fn picture(name: &str) -> String {
    format!(
        "--related\nContent-Type: image/png\nContent-Disposition: inline\nContent-ID: <{name}>\n\
         Content-Transfer-Encoding: base64\n\n{}\n{}\n",
        &PNG[..76],
        &PNG[76..]
    )
}

fn body(boundary: &str, kind: &str, text: &str) -> String {
    format!(
        "{boundary}\nContent-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n{}\n",
        quoted_printable(text)
    )
}

fn quoted_printable(text: &str) -> String {
    let mut lines = String::new();
    for line in text.lines() {
        let mut column = 0;
        for byte in line.bytes() {
            let shown = match byte {
                b'=' | 0..32 | 127.. => format!("={byte:02X}"),
                _ => char::from(byte).to_string(),
            };
            if column + shown.len() > 75 {
                lines.push_str("=\n");
                column = 0;
            }
            column += shown.len();
            lines.push_str(&shown);
        }
        lines.push('\n');
    }
    lines
}

/// A fault that one rule finds.
fn fault(
    name: &'static str,
    rules: &'static [&'static str],
    words: &'static [&'static str],
    change: fn(&mut Parts),
) -> Fault {
    Fault { name, rules, words, json: None, change }
}

pub fn all() -> Vec<Fault> {
    let good = vec![fault("good", &[], &[], |_| {})];
    [good, html::clients(), html::content(), html::page(), message::message(), message::numbers()]
        .into_iter()
        .flatten()
        .collect()
}
