//! Faults of the HTML: what mail programs don't know, what a mail may not hold, and what its readers would miss.

use super::{Fault, PNG, fault};

pub fn clients() -> Vec<Fault> {
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
        fault(
            "two classes of one element",
            &["client"],
            &["Chaining selectors is unknown to outlook.windows"],
            |mail| {
                mail.html(".soft {", ".soft.low { color: #5f6670; }\n.soft {");
            },
        ),
        fault("class within a class", &[], &[], |mail| {
            mail.html(".soft {", ".page .soft { color: #5f6670; }\n.soft {");
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

pub fn content() -> Vec<Fault> {
    vec![
        fault("svg", &["forbidden"], &["<svg>"], |mail| {
            mail.add("<svg width=\"9\" height=\"9\" role=\"img\" aria-label=\"9\"></svg>");
        }),
        fault("picture as data", &["forbidden"], &["src=data:image/png"], |mail| {
            mail.add(&format!("<p><img alt=\"312.40\" src=\"data:image/png;base64,{PNG}\"></p>"));
        }),
        fault(
            "remote picture",
            &["forbidden"],
            &["src=https://example.com/1.png", "it wants to load https:"],
            |mail| {
                mail.add("<p><img alt=\"312.40\" src=\"https://example.com/1.png\"></p>");
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

pub fn page() -> Vec<Fault> {
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
            mail.html("CAC was 260.10 and is 312.40", &"260.10_".repeat(20));
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
        fault("picture of nothing", &["alt"], &["has no number: “”"], |mail| {
            mail.html("alt=\"CAC was 260.10 and is 312.40\"", "alt=\"\"");
        }),
        fault("bar in the row of its number", &[], &[], |mail| {
            mail.html(
                "<td class=\"wide\">Marketing",
                "<td class=\"wide\"><img src=\"cid:cac.png\" alt=\"\" width=\"9\" height=\"9\">",
            );
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
