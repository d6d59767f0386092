"""The rule `numbers` of the mail checklist: no number is in one projection of a report and not in another.

    tests/checklist/numbers.py FILE.eml…

- The numbers seen in the HTML and those of the plain text are the same set: values, changes, counts, days.
- Where FILE.json lies beside FILE.eml (`kpid render REPORT --format json`), everything that it calls `shown`, at any depth, stands in
  both, letter for letter. (The reverse can't hold: days and counts are nowhere `shown`.)

One line a finding, `FILE: numbers: WHAT`; nothing when all is well.
"""

import email
import email.policy
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

# Digits of any script, with the separators of any locale between them; a sign only where it can't be a hyphen.
NUMBER = re.compile(r"(?:(?<!\w)[+\-\u2212])?\d+(?:[.,'\u2019\u00a0\u202f\u066b\u066c]\d+)*")
EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
INLINE = {"a", "abbr", "b", "bdi", "bdo", "em", "font", "i", "s", "small", "span", "strong", "sub", "sup", "u"}


class Seen(HTMLParser):
    """The text of a page without what no reader sees: style, title, the preheader, comments."""

    def __init__(self):
        super().__init__()
        self.text, self.open = [], []

    def handle_starttag(self, tag, attrs):
        style = dict(attrs).get("style") or ""
        hidden = tag in ("style", "script", "title") or re.search(r"display\s*:\s*none", style)
        if tag not in EMPTY:
            self.open.append((tag, bool(hidden)))
        self.text.append("" if tag in INLINE else "\n")
        # What a picture shows stands in its words.
        self.text.append(" " + (dict(attrs).get("alt") or "") + " " if tag == "img" else "")

    def handle_endtag(self, tag):
        while any(name == tag for name, _ in self.open) and self.open.pop()[0] != tag:
            pass
        self.text.append("" if tag in INLINE else "\n")

    def handle_data(self, data):
        if not any(hidden for _, hidden in self.open):
            self.text.append(data)


def seen(html):
    page = Seen()
    page.feed(html)
    page.close()
    return "".join(page.text)


def numbers(text):
    return {number.replace("\u2212", "-") for number in NUMBER.findall(text)}


def flat(text):
    """Words with one space between them, wherever lines were broken."""
    return " ".join(text.split())


def shown(node):
    """Every `shown` of a JSON document, in order."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "shown" and isinstance(value, str):
                yield value
            else:
                yield from shown(value)
    elif isinstance(node, list):
        for value in node:
            yield from shown(value)


def stands_in(value, text):
    """Not as a part of another number: 12 € doesn't stand in 312 € nor in -12 €, nor 1 in 1,5."""
    value = flat(value)
    unsigned = r"(?<![+\-\u2212])" if value[:1].isdigit() else ""
    return re.search(rf"{unsigned}(?<!\d)(?<!\d[.,]){re.escape(value)}(?![.,]?\d)", text) is not None


def findings(html, text, document):
    html = seen(html)
    for number in sorted(numbers(html) - numbers(text)):
        yield f"{number} is in the HTML and not in the plain text"
    for number in sorted(numbers(text) - numbers(html)):
        yield f"{number} is in the plain text and not in the HTML"
    html, text = flat(html), flat(text)
    for value in dict.fromkeys(shown(document)):
        for name, where in (("HTML", html), ("plain text", text)):
            if not stands_in(value, where):
                yield f"{value} is shown in the JSON and not in the {name}"


def main(files):
    found = False
    for file in map(Path, files):
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.SMTP)
        html, text = (mail.get_body((kind,)) for kind in ("html", "plain"))
        beside = file.with_suffix(".json")
        document = json.loads(beside.read_text()) if beside.exists() else None
        for words in findings(html.get_content() if html else "", text.get_content() if text else "", document):
            found = True
            print(f"{file}: numbers: {words}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
