//! A good mail, and for each rule of the checklist the same mail with one fault.

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
It was less a week ago, and this line is here to be the twin of a picture.

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
    [good, clients(), content(), page(), message(), numbers()].into_iter().flatten().collect()
}

fn clients() -> Vec<Fault> {
    vec![
        fault("flex", &["client"], &["flex is unknown to outlook.windows"], |mail| {
            mail.add("<p style=\"display:flex\">Side by side</p>");
        }),
        fault("grid in the style sheet", &["client"], &["grid is unknown to"], |mail| {
            mail.html(".soft {", ".cells { display: grid; }\n.soft {");
        }),
        fault("position", &["client"], &["position is unknown to"], |mail| {
            mail.add("<p style=\"position:absolute\">Elsewhere</p>");
        }),
        fault("nth child for phones only", &["client"], &[":nth-child is unknown to gmail"], |mail| {
            mail.html(".wide {", "td:nth-child(2) { padding: 0; } .wide {");
        }),
        fault("flex for Outlook only", &["client"], &["flex is unknown to outlook.windows"], |mail| {
            mail.html("width=\"700\" align=\"center\"", "width=\"700\" align=\"center\" style=\"display:flex\"");
        }),
        fault("long style sheet", &["client"], &["bytes is dropped by Gmail"], |mail| {
            let rules = ".soft { color: #5f6670; }\n".repeat(700);
            mail.html(".soft {", &format!("{rules}.soft {{"));
        }),
        fault("conditional comment left open", &["comment"], &["is opened and not closed"], |mail| {
            mail.html("<!--[if mso]></td></tr></table><![endif]-->", "");
            mail.add("<!--[if mso]>-->");
        }),
    ]
}

fn content() -> Vec<Fault> {
    vec![
        fault("svg", &["forbidden"], &["<svg>"], |mail| {
            mail.add("<svg width=\"9\" height=\"9\" role=\"img\" aria-label=\"9\"></svg>");
        }),
        fault("picture as data", &["forbidden"], &["src=data:image/png"], |mail| {
            mail.add(&format!("<p><img alt=\"1\" src=\"data:image/png;base64,{PNG}\"></p>"));
        }),
        fault(
            "remote picture",
            &["forbidden"],
            &["src=https://example.com/1.png", "it wants to load https:"],
            |mail| {
                mail.add("<p><img alt=\"1\" src=\"https://example.com/1.png\"></p>");
            },
        ),
        fault("remote background", &["client", "forbidden"], &["CSS url(https://example.com/1.png)"], |mail| {
            mail.add("<p style=\"background-image:url(https://example.com/1.png)\"></p>");
        }),
        fault("script", &["forbidden"], &["<script>"], |mail| mail.add("<script>document.title = 'x';</script>")),
        fault("form", &["client", "forbidden"], &["<form>"], |mail| {
            mail.add("<form action=\"https://example.com\"></form>")
        }),
        fault("style sheet elsewhere", &["client", "forbidden"], &["<link>"], |mail| {
            mail.html("<style>", "<link rel=\"stylesheet\" href=\"https://example.com/1.css\">\n<style>");
        }),
        fault("handler", &["forbidden"], &["the attribute onclick"], |mail| {
            mail.html("<h2>Needs", "<h2 onclick=\"alert(1)\">Needs");
        }),
        fault("link that runs", &["forbidden"], &["href=javascript:alert(1)"], |mail| {
            mail.html("href=\"https://example.com/weekly\"", "href=\"javascript:alert(1)\"");
        }),
        fault("import", &["client", "forbidden"], &["CSS @import"], |mail| {
            mail.html(".soft {", "@import 'https://example.com/1.css';\n.soft {");
        }),
        fault("script for Outlook only", &["forbidden"], &["<iframe>"], |mail| {
            mail.html("<!--[if mso]></td>", "<!--[if mso]><iframe></iframe></td>");
        }),
        fault("not valid", &["html"], &["close-order"], |mail| mail.add("<p><b>Crossed</p></b>")),
    ]
}

fn page() -> Vec<Fault> {
    vec![
        fault("no language", &["axe", "html"], &["html-has-lang"], |mail| mail.html(" lang=\"en-GB\"", "")),
        fault("language that is none", &["axe"], &["html-lang-valid"], |mail| mail.html("en-GB", "english")),
        fault("no title", &["axe", "html"], &["document-title"], |mail| mail.html("<title>Weekly sales</title>\n", "")),
        fault("link without words", &["axe"], &["link-name"], |mail| {
            mail.html("Read it in a browser</a>", "</a>");
        }),
        fault("pale", &["axe", "contrast"], &["is #8f969f on #ffffff", "(light, phone)"], |mail| {
            mail.html(".soft { color: #5f6670; }", ".soft { color: #8f969f; }");
        }),
        fault("pale when dark", &["axe", "contrast"], &["is #5f6670 on #16181b", "(dark, wide)", "(dark)"], |mail| {
            mail.html(".soft { color: #a2a9b2 !important; }", "");
        }),
        fault(
            "pale on a phone",
            &["contrast"],
            &["“at most 250.00” is #9aa0a8 on #ffffff", "(light, phone)"],
            |mail| {
                mail.html(".wide {", ".soft { color: #9aa0a8; } .wide {");
            },
        ),
        // axe leaves a single character undecided, and takes less for large ones.
        fault("pale mark", &["contrast"], &["“■” is #9aa0a8 on #ffffff, 2.64:1"], |mail| {
            mail.add("<p class=\"ink\" style=\"color:#9aa0a8\">■</p>");
        }),
        fault("pale and large", &["contrast"], &["“Large” is #8a8a8a on #ffffff, 3.45:1"], |mail| {
            mail.add("<p class=\"ink\" style=\"color:#8a8a8a;font-size:32px\">Large</p>");
        }),
        fault("pale without its picture", &["contrast"], &["“CAC was 260.10 and is 312.40” is #bbbbbb"], |mail| {
            mail.html("style=\"width:120px\"", "class=\"ink\" style=\"width:120px;color:#bbbbbb\"");
        }),
        fault("wide table", &["width"], &["px wide at 360 px", "px wide at 320 px"], |mail| {
            let cells = "<td style=\"white-space:nowrap\">Marketing and sales</td>".repeat(4);
            mail.html("<td class=\"wide\">Marketing</td>", &cells);
        }),
        fault("wide and cut off", &["client", "width"], &["<p> “Cut” ends"], |mail| {
            mail.html("margin:0;background", "margin:0;overflow-x:hidden;background");
            mail.add("</td></tr></table><p style=\"width:600px\">Cut</p><table role=\"presentation\"><tr><td>");
        }),
        fault("wide without its picture", &["width"], &["(pictures blocked)"], |mail| {
            mail.html("CAC was 260.10 and is 312.40", &"260.10".repeat(20));
            mail.html("width=\"120\" height=\"24\" style=\"width:120px\"", "");
        }),
        fault("two h1", &["headings"], &["there are 2 h1"], |mail| mail.html("<h2>All figures</h2>", "<h1>All</h1>")),
        fault("no h1", &["headings"], &["there are 0 h1"], |mail| {
            mail.html("<h1>Weekly sales</h1>", "<h2>Weekly sales</h2>");
        }),
        fault("h1 late", &["headings"], &["“Needs attention” comes before the h1"], |mail| {
            mail.html("<h1>Weekly sales</h1>", "");
            mail.add("<h1>Weekly sales</h1>");
        }),
        fault("heading left out", &["headings"], &["h4 “CAC” follows h2"], |mail| {
            mail.html("<h3>CAC</h3>", "<h4>CAC</h4>");
        }),
        fault("no alt", &["alt"], &["a picture has no alt"], |mail| {
            mail.html(" alt=\"CAC was 260.10 and is 312.40\"", "");
        }),
        fault("alt without a number", &["alt"], &["has no number: “CAC, the last weeks”"], |mail| {
            mail.html("CAC was 260.10 and is 312.40", "CAC, the last weeks");
        }),
        fault("header of no direction", &["table"], &["<th> without scope: “Value”"], |mail| {
            mail.html("<th scope=\"col\" align=\"right\">", "<th align=\"right\">");
        }),
        fault("table without a name", &["table"], &["neither caption nor aria-label"], |mail| {
            mail.html(" aria-label=\"All figures\"", "");
        }),
        fault("layout with headers", &["table"], &["a table for layout has <th>"], |mail| {
            mail.html("aria-label=\"All figures\"", "role=\"presentation\"");
        }),
        fault("data without headers", &["table"], &["a table of data has no <th>"], |mail| {
            mail.add("<table aria-label=\"More\"><tr><td>More</td></tr></table>");
        }),
    ]
}

fn message() -> Vec<Fault> {
    vec![
        fault("header twice", &["headers"], &["Message-ID is there 2 times"], |mail| {
            mail.headers.push_str("Message-ID: <other@example.com>\n");
        }),
        fault("no date", &["headers", "spam"], &["Date is there 0 times"], |mail| {
            mail.headers = mail.headers.replace("Date: Mon, 16 Nov 2026 07:00:00 +0000\n", "");
        }),
        fault("two recipients", &["headers"], &["To has 2 addresses"], |mail| {
            mail.headers = mail.headers.replace("<ana@example.org>", "<ana@example.org>, tom@example.org");
        }),
        fault("long subject", &["headers"], &["Subject has 177 characters"], |mail| {
            let words = "\n and a few words more than that".repeat(5);
            mail.headers = mail.headers.replace("1 missed\n", &format!("1 missed{words}\n"));
        }),
        fault("hidden recipient", &["headers"], &["Bcc is not ours to set"], |mail| {
            mail.headers.push_str("Bcc: eve@example.org\n");
        }),
        fault("broken boundary", &["defect"], &["multipart/mixed: CloseBoundaryNotFoundDefect"], |mail| {
            mail.last = |mail| mail.replace("--mixed--\r\n", "").into_bytes();
        }),
        fault("html first", &["structure"], &["alternative(related(text/html,image/png),text/plain)"], |mail| {
            mail.html_first = true;
        }),
        fault(
            "attachment without a name",
            &["structure"],
            &["text/csv is an attachment without a file name"],
            |mail| {
                mail.attachments =
                    mail.attachments.replace("; filename=\"weekly.csv\"", "").replace("; name=\"weekly.csv\"", "");
            },
        ),
        fault("bare line feed", &["encoding"], &["a line end that is not CRLF"], |mail| {
            mail.last = |mail| mail.replace("\r\nALL FIGURES", "\nALL FIGURES").into_bytes();
        }),
        fault("eight bits", &["encoding"], &["bytes beyond 7 bits"], |mail| {
            mail.last = |mail| mail.replace("NEEDS ATTENTION", "NEEDS ATTENCI\u{d3}N").into_bytes();
        }),
        fault("long line", &["encoding"], &["text/html has a line of"], |mail| {
            mail.html("<title>", &format!("{}<title>", " ".repeat(75)));
            mail.last = |mail| mail.replace("=\r\n<title>", "<title>").into_bytes();
        }),
        fault("wrong encoding", &["encoding"], &["text/csv is 8bit, not base64"], |mail| {
            mail.attachments = mail.attachments.replace("base64", "8bit");
        }),
        fault("91 KiB", &["size"], &["bytes as sent, 92160 are the limit"], |mail| {
            mail.add(&format!("<!-- {} -->", "a few words ".repeat(91 * 1024 / 12)));
        }),
        fault("picture that is not there", &["cid"], &["the HTML names cid:cac.png, which is not there"], |mail| {
            mail.pictures = picture("roi.png");
            mail.add("<p><img src=\"cid:roi.png\" alt=\"1\"></p>");
        }),
        fault("picture not used", &["cid"], &["the picture roi.png is not used"], |mail| {
            mail.pictures.push_str(&picture("roi.png"));
        }),
        fault("picture twice", &["cid"], &["2 pictures are cac.png"], |mail| {
            mail.pictures.push_str(&picture("cac.png"));
        }),
        fault("wide text", &["text"], &["line 5 has 79 columns"], |mail| {
            mail.text = mail.text.replace("the twin of a picture", "the twin of a ⚡");
            mail.text = mail.text.replace("a week ago,", "a week ago, they say,");
        }),
        fault("spam", &["spam"], &["points for", "GTUBE"], |mail| {
            mail.text.push_str("XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n");
            mail.add("<p style=\"font-size:11px\">XJS*C4JDBQADN1.NSBN3*2IDNEN<br>GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X</p>");
        }),
    ]
}

const JSON: &str = r#"{"kpis": [{"id": "cac", "value": 312.4, "shown": "312.40", "target": {"shown": "250.00"},
    "changes": [{"shown": null}], "segments": [{"id": "web", "shown": "12.40"}]}]}"#;

fn numbers() -> Vec<Fault> {
    let mut numbers = vec![
        fault("number in the html alone", &["numbers"], &["77 is in the HTML and not in the plain text"], |mail| {
            mail.add("<p>And 77 more</p>");
        }),
        fault("number in the text alone", &["numbers"], &["-77 is in the plain text and not in the HTML"], |mail| {
            mail.text.push_str("And -77 more\n");
        }),
    ];
    let all = |mail: &mut Parts| {
        mail.text.push_str("web 12.40\n");
        mail.add("<p>web 12.40</p>");
    };
    numbers.push(Fault { json: Some(JSON), ..fault("numbers as in the json", &[], &[], all) });
    let words =
        &["12.40 is shown in the JSON and not in the HTML", "12.40 is shown in the JSON and not in the plain text"];
    numbers.push(Fault { json: Some(JSON), ..fault("number in the json alone", &["numbers"], words, |_| {}) });
    numbers
}
