# Reads NAME.{html,page,txt,subject,xlsx,csv} of a folder whose names and dates are Greek and whose words are in ⟦brackets⟧:
# each Latin letter outside of brackets is a word that nobody translated. Prints all that readers see, for who wants to search it.
import csv, glob, io, os, re, sys
from html.parser import HTMLParser

try:
    import openpyxl
except ImportError:
    sys.exit(9)

# Names of things, not words: addresses, commands, files, ids, zones, periods as programs name them, codes of currencies, signs of
# units.
NAMES = re.compile(
    r"kpid (?:outbox \w+ \w+|[\w-]+(?: \w+)?)|journalctl -u kpid|timedatectl|/var/lib/kpid/\S+|\bkpid:|: (?:4f1c8a|9b02d7)|relay[\w.:]+|[\w.=+-]+@[\w.-]+|https://\S+|Europe/\w+|\d{4}-(?:W\d\d|Q\d|\d\d)?|\b(?:EUR|JPY)\b|(?<=\d[\u00a0\u202f ])(?:pp|min|h|d|s)\b|κ\d\d"
)
LATIN = re.compile(r"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]+")
TOLD = ("alt", "title", "aria-label")
wrong = []


class Visible(HTMLParser):
    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.texts, self.skipped = [], 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.skipped += tag == "style"
        self.texts += [value for name, value in attrs if name in TOLD and value]

    def handle_endtag(self, tag):
        self.skipped -= tag == "style"

    def handle_data(self, data):
        if not self.skipped:
            self.texts.append(data)


def outside(text):
    """What stands in no brackets."""
    depth, kept = 0, []
    for c in text:
        if c == "⟦":
            depth += 1
        elif c == "⟧":
            depth -= 1
            if depth < 0:
                return None
        elif depth == 0:
            kept.append(c)
    return "".join(kept) if depth == 0 else None


def judge(what, text, cut=False):
    print(re.sub(r"\s+", " ", text))
    rest = outside(text + "⟧" * (text.count("⟦") - text.count("⟧")) if cut else text)
    if rest is None:
        return wrong.append(f"{what}: a bracket without the other in {text[-300:]!r}")
    for found in LATIN.finditer(NAMES.sub(lambda name: "·" * len(name[0]), rest)):
        wrong.append(f"{what}: {found[0]!r} in {rest[max(0, found.start() - 60) : found.end() + 40]!r}")


for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.*"))):
    name, ending = os.path.basename(path).rsplit(".", 1)
    if ending == "xlsx":
        for sheet in openpyxl.load_workbook(path):
            # A tab holds 31 characters.
            judge(f"{name} sheet", sheet.title, cut=True)
            for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "s" and cell.value):
                judge(f"{name} {cell.coordinate}", cell.value)
            for foot in (sheet.oddFooter.left.text, sheet.oddFooter.center.text):
                judge(f"{name} foot", foot or "", cut=True)
        continue
    text = open(path, encoding="utf-8-sig", newline="").read()
    if ending in ("html", "page"):
        # A picture's words are whole by themselves; a sentence may be broken by the colour of a part of it.
        judge(f"{name}.{ending}", "\n".join(Visible(text).texts))
    elif ending == "csv":
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True):
            for cell in line:
                judge(f"{name}.csv", cell)
    else:
        judge(f"{name}.{ending}", text)

if wrong:
    print(*dict.fromkeys(wrong).keys(), sep="\n", file=sys.stderr)
    sys.exit(f"{len(wrong)} words that are not in the language")
