//! Faults of the mail as a message, and of its numbers.

use super::{Fault, Parts, fault, picture};

pub fn message() -> Vec<Fault> {
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
            mail.add("<p><img src=\"cid:roi.png\" alt=\"312.40\"></p>");
        }),
        fault("picture not used", &["cid"], &["the picture roi.png is not used"], |mail| {
            mail.pictures.push_str(&picture("roi.png"));
        }),
        fault("picture twice", &["cid"], &["2 pictures are cac.png"], |mail| {
            mail.pictures.push_str(&picture("cac.png"));
        }),
        fault("wide text", &["text"], &["line 5 has 79 columns"], |mail| {
            mail.text = mail.text.replace("the twin of a picture", "the twin of a ⚡");
            mail.text = mail.text.replace("a week ago;", "a week ago, people say;");
        }),
        fault("spam", &["spam"], &["points for", "GTUBE"], |mail| {
            mail.text.push_str("XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n");
            mail.add("<p style=\"font-size:11px\">XJS*C4JDBQADN1.NSBN3*2IDNEN<br>GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X</p>");
        }),
    ]
}

const JSON: &str = r#"{"kpis": [{"id": "cac", "value": 312.4, "shown": "312.40", "target": {"shown": "250.00"},
    "changes": [{"shown": null}], "segments": [{"id": "web", "shown": "12.40"}]}]}"#;

pub fn numbers() -> Vec<Fault> {
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
