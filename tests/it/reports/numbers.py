# Reads NUMBER.LOCALE.{html,txt,page,xlsx,csv,json} of a folder and complains where one says what another doesn't.
# What readers see is parsed by the rules of their locale, which stand here once more, and compared with the raw numbers of the JSON.
import csv, decimal, glob, io, json, os, re, sys, unicodedata
from collections import Counter
from decimal import Decimal
from html.parser import HTMLParser

try:
    import openpyxl
except ImportError:
    sys.exit(9)

decimal.getcontext().prec = 800
DECIMAL = {"es-ES": ",", "es-MX": ".", "en-GB": ".", "en-US": ".", "de-DE": ",", "fr-FR": ",", "ar-EG": "\u066b", "sv-SE": ","}
GROUPS = ".,\u066c\u00a0\u202f'’ "
MARKS = "\u200e\u200f\u061c\u2066\u2067\u2068\u2069"
MISSING = "—"
compared, wrong = Counter(), []


def plain(text):
    text = "".join(c for c in text if c not in MARKS)
    text = re.sub("(?<=[●▲■○])\u00a0", " ", text)
    return re.sub(r"[ \n\t\r]+", " ", text).strip()


class Visible(HTMLParser):
    """What is seen, text by text; pictures by their words, drawings apart."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.texts, self.alts, self.drawn, self.skipped, self.svg = [], [], [], 0, 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.skipped += tag in ("style", "title") and not self.svg
        self.svg += tag == "svg"
        if tag == "img":
            self.alts.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag):
        self.skipped -= tag in ("style", "title") and not self.svg
        self.svg -= tag == "svg"

    def handle_data(self, data):
        if not self.skipped and plain(data):
            (self.drawn if self.svg else self.texts).append(plain(data))


def number(shown, locale):
    """What a reader of `locale` takes `shown` for, and how many decimals it has."""
    digits = [(i, c) for i, c in enumerate(shown) if c.isdecimal()]
    first, last = digits[0][0], digits[-1][0]
    sign = -1 if any(c in "-\u2212" for c in shown[:first]) else 1
    whole, _, fraction = shown[first : last + 1].partition(DECIMAL[locale])
    latin = lambda text: "".join(str(unicodedata.digit(c)) for c in text if c.isdecimal())
    assert all(c.isdecimal() or c in GROUPS for c in whole) and all(c.isdecimal() for c in fraction), shown
    return sign * Decimal(latin(whole) + "." + (latin(fraction) or "0")), len(fraction)


def rounded(raw, decimals, hundredths):
    exact = Decimal(repr(float(raw))).scaleb(2 if hundredths else 0)
    return exact.quantize(Decimal(1).scaleb(-decimals), decimal.ROUND_HALF_EVEN)


LENGTHS = {"minutes": 60, "hours": 3600, "days": 86400}


def length(told, locale):
    """The smallest unit of `1 d 3 h`, and the whole, in seconds."""
    seconds = {"s": 1, "min": 60, "h": 3600, "d": 86400}
    parts = re.findall(r"([\d.,\u066b\u066c\u00a0\u202f]*\d)\u00a0(min|s|h|d)", told)
    whole, sign = Decimal(0), -1 if re.match("[-\u2212]", told) else 1
    for amount, unit in parts:
        read, decimals = number(amount, locale)
        whole, least = whole + read * seconds[unit], Decimal(seconds[unit]).scaleb(-decimals)
    return least, sign * whole


class Report:
    def __init__(self, path):
        self.name = os.path.basename(path)[: -len(".json")]
        self.locale = self.name.split(".")[1]
        base = path[: -len(".json")]
        self.json = json.load(open(path, encoding="utf-8"))
        self.html = Visible(open(base + ".html", encoding="utf-8", newline="").read())
        self.page = Visible(open(base + ".page", encoding="utf-8", newline="").read())
        self.text = plain(open(base + ".txt", encoding="utf-8", newline="").read())
        self.book = openpyxl.load_workbook(base + ".xlsx")
        self.csv = open(base + ".csv", encoding="utf-8-sig", newline="").read()
        self.kpis = {kpi["id"]: kpi for kpi in self.json["kpis"]}

    def complain(self, *what):
        wrong.append(f"{self.name}: " + " ".join(map(str, what)))

    # What is shown, against the numbers beside it.

    def same(self, what, shown, raw, hundredths):
        compared["shown"] += 1
        if raw is None or shown == MISSING:
            if (raw is None) != (shown == MISSING):
                self.complain(what, "shows", shown, "for", raw)
            return
        read, decimals = number(plain(shown), self.locale)
        if read != rounded(raw, decimals, hundredths):
            self.complain(what, "shows", shown, "for", raw)

    def check_shown(self):
        for kpi in self.json["kpis"]:
            percent = kpi["unit"] == "percent"
            parts = [(kpi["id"], kpi, [c["value"] for c in kpi["changes"]])]
            parts += [(f"{kpi['id']} {s['segment']}", s, self.before(kpi, s)) for s in kpi["segments"]]
            if kpi["others"]:
                parts.append((kpi["id"] + " others", kpi["others"], kpi["others"]["before"]))
            for what, part, before in parts:
                self.same(what, part["shown"]["value"], part["value"], percent)
                self.check_target(what, part, percent)
                for shown, earlier in zip(part["shown"]["changes"], before, strict=True):
                    self.check_change(what, shown, earlier, part["value"], percent)
            for change, shown in zip(kpi["changes"], kpi["shown"]["changes"], strict=True):
                if change["shown"] != shown:
                    self.complain(kpi["id"], "has two changes", change["shown"], shown)
            for point in kpi["trend"]:
                self.same(kpi["id"] + " trend", point["shown"], point["value"], percent)
            for moved in kpi["moved"]:
                self.same(kpi["id"] + " moved", moved["shown"], moved["change"], percent)
                self.check_drivers(kpi["id"], moved, percent)
                for part in moved["segments"]:
                    self.same(kpi["id"] + " part", part["shown"], part["rate"] + part["mix"], percent)
            if kpi["short"]:
                self.same(kpi["id"] + " short", kpi["short"]["shown"], kpi["short"]["amount"], percent)
        for note in self.json["notes"]["restated"]:
            percent = self.kpis[note["kpi"]]["unit"] == "percent"
            for side in ("told", "now"):
                self.same("restated", note["shown"][side], note[side], percent)

    def check_drivers(self, what, moved, percent):
        """Contributions are rounded so that they add up; none by as much as a whole unit of its last decimal."""
        shown = [number(plain(driver["shown"]), self.locale) for driver in moved["drivers"]]
        for (read, decimals), driver in zip(shown, moved["drivers"]):
            compared["shown"] += 1
            exact = Decimal(repr(float(driver["amount"]))).scaleb(2 if percent else 0)
            if abs(read - exact) >= Decimal(1).scaleb(-decimals):
                self.complain(what, "driver shows", driver["shown"], "for", driver["amount"])
        change, decimals = number(plain(moved["shown"]), self.locale)
        alike = shown and all(finer == decimals for _, finer in shown)
        if alike and moved["rest"] == 0 and sum(read for read, _ in shown) != change:
            self.complain(what, "drivers", [d["shown"] for d in moved["drivers"]], "make no", moved["shown"])

    def before(self, kpi, segment):
        """What a segment was in each of the earlier periods; nothing is known of some."""
        found = []
        for change in kpi["changes"]:
            same = [s["from"] for s in change["segments"] if s["segment"] == segment["segment"]]
            found.append(same[0] if same else None)
        return found

    def check_change(self, what, shown, earlier, now, percent):
        if earlier is None or now is None:
            return self.same(what + " change", shown, None, False)
        if percent:
            return self.same(what + " points", shown, now - earlier, True)
        if earlier == 0:
            return self.same(what + " difference", shown, now - earlier, False)
        self.same(what + " change", shown, (now - earlier) / abs(earlier), True)

    def check_target(self, what, part, percent):
        target, shown = part["target"], part["shown"]["target"]
        if (target is None) != (shown is None):
            return self.complain(what, "has target", target, "and shows", shown)
        if target is None:
            return
        compared["shown"] += 1
        band = target["low"] != target["high"]
        sides = plain(shown).replace(" – ", "–").split("–") if band else [plain(shown)]
        for side, bound in zip(sides, (target["low"], target["high"]), strict=band):
            read, decimals = number(side, self.locale)
            if read != rounded(bound, decimals, percent):
                self.complain(what, "shows target", shown, "for", target)

    # Where it is shown.

    def find(self, where, text, cursor, end, what):
        """The end of `text` in the format, as a number or name of its own; after `cursor`."""
        form, seen = where
        compared[form] += 1
        sought = plain(text)
        bounded = r"(?<![\w.,+\-\u2212\u00a0\u202f€$])" + re.escape(sought) + r"(?![\w%€$\u00a0\u202f]|[.,]\d)"
        found = re.compile(bounded).search(seen, cursor, end)
        if not found:
            self.complain(what, f"lacks {sought!r} in {form}, after {seen[max(0, cursor - 60):cursor]!r}")
            return cursor
        return found.end()

    def follow(self, where, texts, cursor, end, what):
        for text in texts:
            if text:
                cursor = self.find(where, text, cursor, end, what)
        return cursor

    def of_kpi(self, kpi, form):
        yield kpi["name"]
        yield kpi["shown"]["value"]
        yield kpi["shown"]["target"]
        yield from kpi["shown"]["changes"]
        others = kpi["others"] if form != "page" else None
        named = kpi["segments"][: len(kpi["segments"]) - (others["count"] if others else 0)]
        for part in named + ([others] if others else []):
            yield part.get("segment")
            yield part["shown"]["value"]
            yield part["shown"]["target"] if part["verdict"] != "not judged" else None
            yield from part["shown"]["changes"]
        if len(named) + bool(others) > 1:
            yield kpi["shown"]["value"]
            yield from kpi["shown"]["changes"]

    def of_attention(self, kpi):
        yield kpi["name"]
        yield kpi["shown"]["value"]
        yield kpi["shown"]["target"]
        yield kpi["short"] and kpi["short"]["shown"]
        for change in kpi["changes"]:
            if change["value"] is None or kpi["value"] is None:
                continue
            yield change["shown"]
            for moved in (m for m in kpi["moved"] if m["against"] == change["against"]):
                yield from (driver["shown"] for driver in moved["drivers"])
                yield from (part["shown"] for part in moved["segments"])

    def check_places(self):
        seen = {"html": "\x1f".join(self.html.texts), "text": self.text, "page": "\x1f".join(self.page.texts)}
        for form, text in seen.items():
            where = (form, text)
            starts = [text.index(section["title"]) for section in self.json["sections"]]
            ends = starts[1:] + [len(text)]
            cursor, attention = 0, self.json["attention"]
            told = len(attention) if len(attention) == 9 else min(len(attention), 8)
            for kpi in (self.kpis[id] for id in attention[:told]):
                cursor = self.follow(where, self.of_attention(kpi), cursor, starts[0], kpi["id"] + " needs attention")
            for kpi in (self.kpis[id] for id in attention[told:]):
                cursor = self.follow(where, (kpi["name"], kpi["shown"]["value"]), cursor, starts[0], kpi["id"])
            for section, start, end in zip(self.json["sections"], starts, ends):
                for kpi in (self.kpis[id] for id in section["kpis"]):
                    start = self.follow(where, self.of_kpi(kpi, form), start, end, kpi["id"])
            for note in self.json["notes"]["restated"]:
                cursor = self.follow(where, (note["shown"]["told"], note["shown"]["now"]), ends[0], len(text), "restated")
        self.check_drawings()

    def check_drawings(self):
        """Each point of a large chart says its period and value; a length of time is told in its parts."""
        points = iter([text.split(": ", 1)[1] for text in self.page.drawn if re.match(r"[^:]*\d{4}: ", text)])
        attention = self.json["attention"]
        for kpi in (self.kpis[id] for id in attention[: len(attention) if len(attention) == 9 else 8]):
            for point in kpi["trend"] if len(kpi["trend"]) > 1 else []:
                compared["page"] += 1
                told = next(points)
                if kpi["unit"] in LENGTHS and point["value"] is not None:
                    least, seconds = length(told.split(" (")[0], self.locale)
                    right = abs(seconds - Decimal(repr(float(point["value"]))) * LENGTHS[kpi["unit"]]) <= least / 2
                else:
                    right = told == plain(point["shown"]) or told.startswith(plain(point["shown"]) + " (")
                if not right:
                    self.complain(kpi["id"], "is drawn as", told, "for", point)
        if next(points, None):
            self.complain("more is drawn than is told")

    def check_twins(self):
        """The plain text has every number of the HTML, pictures' words included, and the other way round."""
        numeral = r"\d(?:[\d.,\u066b\u066c\u00a0\u202f]*\d)?"
        html = set(re.findall(numeral, plain("\x1f".join(self.html.texts + self.html.alts))))
        text = set(re.findall(numeral, self.text))
        if html != text:
            self.complain("numbers only in html:", html - text, "only in text:", text - html)

    # Files.

    def check_book(self):
        for section, sheet in zip(self.json["sections"], self.book.worksheets):
            rows = iter(list(sheet.iter_rows())[5:])
            for kpi in (self.kpis[id] for id in section["kpis"]):
                percent = kpi["unit"] == "percent"
                self.check_row(next(rows), kpi["name"], kpi, [c["value"] for c in kpi["changes"]], percent)
                others = kpi["others"]
                named = kpi["segments"][: len(kpi["segments"]) - (others["count"] if others else 0)]
                for part in named:
                    self.check_row(next(rows), part["segment"], part, self.before(kpi, part), percent)
                if others:
                    self.check_row(next(rows), None, others, others["before"], percent)
            if next(rows, None):
                self.complain("there are more rows on sheet", sheet.title)

    def check_row(self, row, name, part, before, percent):
        if name is not None and row[0].value != name:
            self.complain("a row is of", row[0].value, "instead of", name)
        self.check_cell(row[1], part["value"], part["shown"]["value"])
        target = part["target"]
        if target and target["low"] == target["high"]:
            self.check_cell(row[2], target["low"], part["shown"]["target"])
        elif target and row[2].value != part["shown"]["target"]:
            self.complain(row[2].coordinate, "is", row[2].value, "not", part["shown"]["target"])
        for cell, earlier, shown in zip(row[4:], before, part["shown"]["changes"]):
            now = part["value"]
            if earlier is None or now is None:
                change = None
            elif percent:
                change = (now - earlier) * 100.0
            else:
                change = (now - earlier) / abs(earlier) if earlier else now - earlier
            self.check_cell(cell, change, shown)

    def check_cell(self, cell, raw, shown):
        compared["xlsx"] += 1
        if cell.value != raw or (raw is not None and cell.data_type != "n"):
            return self.complain(cell.parent.title, cell.coordinate, "is", repr(cell.value), "not", raw)
        if raw is None:
            return
        # Excel shows what the mail shows: the same text around, as many decimals.
        form = cell.number_format.split(";")[0]
        digits = re.search(r"#,##0(?:\.(0+))?", form)
        around = "".join(re.sub(r'["+]', "", part) for part in (form[: digits.start()], form[digits.end() :]))
        text = plain(shown)
        at = [i for i, c in enumerate(text) if c.isdecimal()]
        expected = re.sub(r"[+\-\u2212]", "", text[: at[0]] + text[at[-1] + 1 :])
        if plain(around) != plain(expected) or len(digits.group(1) or "") != number(text, self.locale)[1]:
            self.complain(cell.coordinate, "is shown as", cell.number_format, "instead of", shown)

    def check_lines(self):
        head = self.csv.split("\r\n")[0]
        separator = ";" if ";" in head else ","
        lines = list(csv.reader(io.StringIO(self.csv, newline=""), delimiter=separator, strict=True))[1:]
        sheet = [[cell.value for cell in row] for row in list(self.book.worksheets[-1].iter_rows())[1:]]
        if len(lines) != len(sheet):
            return self.complain("the CSV has", len(lines), "lines and the sheet", len(sheet))
        value = lambda text: float(text.replace(",", ".") if separator == ";" else text) if text else None
        for line, row in zip(lines, sheet):
            for column in (7, 9, 10, 12):
                if value(line[column]) != row[column]:
                    self.complain("the CSV has", line, "and the sheet", row)
        label = self.json["period"]["label"]
        for kpi in self.json["kpis"]:
            mine = [line for line in lines if line[3] == kpi["id"]]
            now = [line for line in mine if line[0] == label]
            for line, part in zip(now, [kpi] + kpi["segments"], strict=True):
                compared["csv"] += 1
                low, high = (part["target"]["low"], part["target"]["high"]) if part["target"] else (None, None)
                if [value(line[i]) for i in (7, 9, 10)] != [part["value"], low, high]:
                    self.complain("the CSV has", line, "for", part)
            earlier = {p["period"]: p["value"] for p in kpi["changes"]}
            earlier |= {p["period"]: p["value"] for p in kpi["trend"][:-1]}
            whole = {line[0]: value(line[7]) for line in mine if line[0] != label and not line[5]}
            if whole != earlier:
                self.complain(kpi["id"], "was", earlier, "and in the CSV", whole)


reports = sorted(glob.glob(os.path.join(sys.argv[1], (sys.argv[2:] or ["*"])[0] + ".*.json")))
for path in reports:
    report = Report(path)
    compared["reports"] += 1
    for check in (report.check_shown, report.check_places, report.check_twins, report.check_book, report.check_lines):
        check()
for line in wrong[:40]:
    print(line, file=sys.stderr)
if wrong:
    sys.exit(f"{len(wrong)} differences")
for what, count in compared.items():
    print(what, count)
