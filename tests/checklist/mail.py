"""The rules of the mail checklist about the message itself: one line a finding, `FILE: RULE: WHAT`; nothing when all is well.

    tests/checklist/mail.py FILE.eml…

The rules:
    defect      Python's parser finds fault with a part or a header
    headers     one of each, one sender, one recipient, a subject that fits
    structure   mixed(alternative(plain, related(html, pictures)), attachments), without what isn't needed
    encoding    7-bit, CRLF, short lines; quoted-printable text, base64 attachments
    size        what Gmail clips and what servers refuse
    cid         every picture that the HTML names is there, and every one that is there is named
    text        the plain text fits 78 columns
"""

import email
import email.policy
import re
import sys
import unicodedata
from collections import Counter

ONCE = [
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
    "Auto-Submitted", "X-Auto-Response-Suppress", "Precedence", "List-Id",
]  # fmt: skip
AT_MOST_ONCE = ["Reply-To", "Sender", "References", "List-Unsubscribe", "List-Unsubscribe-Post"]
BODY = r"alternative\(text/plain,(text/html|related\(text/html(,image/png)+\))\)"
SHAPE = re.compile(rf"({BODY}|mixed\({BODY}(,[a-z]+/[a-z0-9.+-]+)+\))")
HTML_LIMIT = 90 * 1024  # Gmail clips near 102 KB, and relays add to it
MAIL_LIMIT = 5_000_000


def findings(raw):
    mail = email.message_from_bytes(raw, policy=email.policy.SMTP)
    for rule in (defects, headers, structure, encoding, size, cid, text):
        for words in rule(mail, raw):
            yield rule.__name__.removesuffix("s") if rule is defects else rule.__name__, words


def defects(mail, _):
    for part in mail.walk():
        for defect in [*part.defects, *(d for value in part.values() for d in getattr(value, "defects", ()))]:
            yield f"{part.get_content_type()}: {defect!r}"


def headers(mail, _):
    names = Counter(name.lower() for name in mail.keys())
    for name in ONCE:
        if names[name.lower()] != 1:
            yield f"{name} is there {names[name.lower()]} times"
    for name in AT_MOST_ONCE:
        if names[name.lower()] > 1:
            yield f"{name} is there {names[name.lower()]} times"
    for name in ("Bcc", "Cc", "Return-Path", "Received"):
        if names[name.lower()]:
            yield f"{name} is not ours to set"
    for name in ("From", "To"):
        addresses = mail[name].addresses if mail[name] else ()
        if len(addresses) != 1:
            yield f"{name} has {len(addresses)} addresses"
    subject = str(mail["Subject"] or "")
    if not 0 < len(subject) <= 150:
        yield f"Subject has {len(subject)} characters"
    if not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", str(mail["Message-ID"] or "").strip()):
        yield f"Message-ID is {mail['Message-ID']}"
    if mail["Date"] and (mail["Date"].datetime is None or mail["Date"].datetime.tzinfo is None):
        yield f"Date is {mail['Date']}"


def shape(part):
    if not part.is_multipart():
        return part.get_content_type()
    return f"{part.get_content_subtype()}({','.join(map(shape, part.iter_parts()))})"


def structure(mail, _):
    is_shape = shape(mail)
    if not SHAPE.fullmatch(is_shape):
        yield f"it is {is_shape}"
    for part in leaves(mail):
        disposition = part.get_content_disposition()
        if is_text(part) and disposition not in (None, "inline"):
            yield f"{part.get_content_type()} is no attachment"
        if is_attachment(part) and not (disposition == "attachment" and part.get_filename()):
            yield f"{part.get_content_type()} is an attachment without a file name"
        if part["Content-ID"] and disposition != "inline":
            yield f"the picture {part['Content-ID']} is not inline"


def encoding(mail, raw):
    if not raw.isascii():
        yield "it has bytes beyond 7 bits"
    if b"\0" in raw:
        yield "it has a NUL"
    if re.search(rb"\r(?!\n)|(?<!\r)\n", raw):
        yield "it has a line end that is not CRLF"
    for line in raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n"):
        foldable = b" " in line.partition(b": ")[2] if line[:1].strip() else b" " in line.strip()
        if len(line) > (78 if foldable else 998):
            yield f"a header's line has {len(line)} characters: {line[:40].decode('ascii', 'replace')}…"
    for part in leaves(mail):
        kind, wanted = part.get_content_type(), "quoted-printable" if is_text(part) else "base64"
        if part["Content-Transfer-Encoding"] != wanted:
            yield f"{kind} is {part['Content-Transfer-Encoding']}, not {wanted}"
        if is_text(part) and part.get_content_charset() != "utf-8":
            yield f"{kind} is in {part.get_content_charset()}"
        longest = max(map(len, part.get_payload().splitlines()), default=0)
        if longest > 76:
            yield f"{kind} has a line of {longest} characters"


def size(mail, raw):
    html = only(mail, "text/html")
    encoded = len(html.get_payload()) if html else 0
    if encoded > HTML_LIMIT:
        yield f"the HTML has {encoded} bytes as sent, {HTML_LIMIT} are the limit"
    if len(raw) > MAIL_LIMIT:
        yield f"the mail has {len(raw)} bytes, {MAIL_LIMIT} are the limit"


def cid(mail, _):
    html = only(mail, "text/html")
    named = set(re.findall(r"cid:([^\"'\s>)]+)", html.get_content())) if html else set()
    there = Counter(part["Content-ID"].strip("<> ") for part in leaves(mail) if part["Content-ID"])
    for name in sorted(named - there.keys()):
        yield f"the HTML names cid:{name}, which is not there"
    for name, count in sorted(there.items()):
        if name not in named:
            yield f"the picture {name} is not used"
        if count > 1:
            yield f"{count} pictures are {name}"


def text(mail, _):
    plain = only(mail, "text/plain")
    for number, line in enumerate(plain.get_content().splitlines() if plain else (), 1):
        # A link can't be broken.
        if columns(line) > 78 and not re.fullmatch(r"\W*https?://\S+", line):
            yield f"line {number} has {columns(line)} columns: {line[:40]}…"


def columns(line):
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line)
    nothing = sum(unicodedata.category(character) in ("Mn", "Me", "Cf") for character in line)
    return len(line) + wide - nothing


def leaves(mail):
    return (part for part in mail.walk() if not part.is_multipart())


def is_text(part):
    return part.get_content_type() in ("text/plain", "text/html") and part.get_content_disposition() != "attachment"


def is_attachment(part):
    return not is_text(part) and not part["Content-ID"]


def only(mail, kind):
    """The body of that kind; a text among the attachments is none."""
    return next((part for part in leaves(mail) if part.get_content_type() == kind and is_text(part)), None)


def main(files):
    found = False
    for file in files:
        with open(file, "rb") as opened:
            raw = opened.read()
        for rule, words in findings(raw):
            found = True
            print(f"{file}: {rule}: {words}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
