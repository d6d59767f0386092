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
# What needs attention is told at length so often, and one more where only that were left.
TOLD = 6
# More segments than this the page, too, tells together.
PAGE = 200
# Before the amount that the named inputs don't explain, and beside the part of an amount that is a segment's weight.
REST, MIX = {"en": "the rest "}, {"en": "mix"}
NUMBER = r"[^\w\x1f()]*\d(?:[\d.,\u066b\u066c\u00a0\u202f'’]*\d)?"
compared, wrong = Counter(), []


def plain(text):
    text = "".join(c for c in text if c not in MARKS)
    # What stands before the space is no part of the number.
    text = re.sub(r"(?<=[●▲■○])\u00a0|(?<=[a-zí]\.)\u00a0", " ", text)
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


def is_nil(shown):
    return not any(c.isdecimal() and unicodedata.digit(c) for c in shown)


def usual(raw, kpi):
    """How many decimals an amount of `kpi` has: its own, or those of its unit; cents say nothing beside thousands."""
    if kpi["decimals"] is not None:
        return kpi["decimals"]
    unit = kpi["unit"].split(":")
    if unit[0] == "currency":
        return 0 if abs(raw) >= 1000 or unit[1:] == ["JPY"] else 2
    return {"count": 0, "number": 2, "ratio": 2}.get(unit[0], 1)


def share(before, now, percent):
    """A change as a share of what was before, where that says something."""
    if percent or before == 0 or before * now < 0:
        return None
    found = (now - before) / abs(before)
    return found if abs(found) <= 100 else None


def told_at_length(attention):
    return len(attention) if len(attention) == TOLD + 1 else min(len(attention), TOLD)


NUMERAL = r"\d(?:[\d.,\u066b\u066c\u00a0\u202f]*\d)?"
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

    def same(self, what, shown, raw, hundredths, decimals=None):
        """`shown` is `raw` as rounded; to so many `decimals`, where that is known."""
        compared["shown"] += 1
        if raw is None or shown == MISSING:
            if (raw is None) != (shown == MISSING):
                self.complain(what, "shows", shown, "for", raw)
            return
        read, found = number(plain(shown), self.locale)
        if read != rounded(raw, found, hundredths) or decimals not in (None, found):
            self.complain(what, "shows", shown, "for", raw)

    def check_shown(self):
        for kpi in self.json["kpis"]:
            percent = kpi["unit"] == "percent"
            parts = [(kpi["id"], kpi, [c["value"] for c in kpi["changes"]])]
            parts += [(f"{kpi['id']} {s['segment']}", s, self.before(kpi, s)) for s in kpi["segments"]]
            if kpi["others"]:
                parts.append((kpi["id"] + " others", kpi["others"], kpi["others"]["before"]))
            for what, part, before in parts:
                self.same(what, part["shown"]["value"], part["value"], percent, usual(part["value"] or 0, kpi))
                self.check_target(what, part, percent)
                for shown, earlier in zip(part["shown"]["changes"], before, strict=True):
                    self.check_change(what, shown, earlier, part["value"], kpi)
            for change, shown in zip(kpi["changes"], kpi["shown"]["changes"], strict=True):
                if change["shown"] != shown:
                    self.complain(kpi["id"], "has two changes", change["shown"], shown)
                if change["against"] == "previous":
                    self.check_gone(kpi, change)
            for point in kpi["trend"]:
                self.same(kpi["id"] + " trend", point["shown"], point["value"], percent, usual(point["value"] or 0, kpi))
            for moved in kpi["moved"]:
                self.same(kpi["id"] + " moved", moved["shown"], moved["change"], percent, usual(moved["change"], kpi))
                parts = [(d["shown"], d["amount"]) for d in moved["drivers"]]
                moved["told_rest"] = self.check_parts(kpi, "drivers", moved, parts, moved["rest"])
                parts = [(s["shown"], s["rate"] + s["mix"]) for s in moved["segments"]]
                # One by one, as floats are added.
                named = 0.0
                for _, amount in parts:
                    named += amount
                self.check_parts(kpi, "segments", moved, parts, moved["change"] - named)
            if kpi["short"]:
                self.check_gap(kpi, kpi["short"])
        for note in self.json["notes"]["restated"]:
            kpi = self.kpis[note["kpi"]]
            for side in ("told", "now"):
                self.same("restated", note["shown"][side], note[side], kpi["unit"] == "percent", usual(note[side], kpi))

    def check_parts(self, kpi, what, moved, parts, rest):
        """Contributions are rounded so that with the rest, which is given back as shown, they add up to the change. All have the
        decimals of the largest; who gives way, by one in the last digit, are those whom rounding moved furthest that way."""
        compared["parts"] += len(parts)
        amounts = [amount for _, amount in parts] + [rest]
        decimals = usual(max(map(abs, amounts + [moved["change"]])), kpi)
        shift = decimals + (2 if kpi["unit"] == "percent" else 0)
        exact = [Decimal(repr(float(amount))).scaleb(shift) for amount in amounts]
        total = Decimal(repr(float(moved["change"]))).scaleb(shift)
        whole = lambda amount: amount.quantize(Decimal(1), decimal.ROUND_HALF_EVEN)
        own = [whole(amount) for amount in exact]
        missing = whole(total) - sum(own)
        if abs(missing) > len(own) or abs(total) > 10**15:
            missing = Decimal(0)
        read = []
        for shown, _ in parts:
            value, found = number(plain(shown), self.locale)
            read.append(value.scaleb(decimals))
            if found != decimals:
                return self.complain(kpi["id"], what, "shown as", shown, "should have", decimals, "decimals")
        read.append(whole(total) - sum(read) if whole(total) == sum(own) + missing else own[-1])
        sign = (missing > 0) - (missing < 0)
        gave = [shown - alone for shown, alone in zip(read, own)]
        moves = [(amount - alone) * sign for amount, alone in zip(exact, own)]
        yielding = [move for move, by in zip(moves, gave) if by]
        staying = [move for move, by in zip(moves, gave) if not by]
        fair = not yielding or not staying or min(yielding) >= max(staying) - Decimal("1e-6")
        if any(by not in (0, sign) for by in gave) or len(yielding) != abs(missing) or not fair:
            self.complain(kpi["id"], what, [shown for shown, _ in parts], "for", amounts, "of", moved["change"])
        return read[-1].scaleb(-decimals), decimals

    def check_gap(self, kpi, short):
        """As many decimals as needed not to read as none."""
        percent, least = kpi["unit"] == "percent", usual(short["amount"], kpi)
        enough = next((d for d in range(least, 10) if rounded(short["amount"], d, percent)), least)
        self.same(kpi["id"] + " short", short["shown"], short["amount"], percent, enough)

    def check_gone(self, kpi, change):
        """What was there in the period before is a segment still, if only of 0."""
        here = [segment["segment"] for segment in kpi["segments"]]
        for segment in change["segments"]:
            compared["segments"] += 1
            if segment["segment"] not in here and segment["to"] is not None:
                self.complain(kpi["id"], "lacks segment", segment)

    def before(self, kpi, segment):
        """What a segment was in each of the earlier periods; nothing is known of some."""
        found = []
        for change in kpi["changes"]:
            same = [s["from"] for s in change["segments"] if s["segment"] == segment["segment"]]
            found.append(same[0] if same else None)
        return found

    def check_change(self, what, shown, earlier, now, kpi):
        if earlier is None or now is None:
            return self.same(what + " change", shown, None, False)
        percent = kpi["unit"] == "percent"
        found = share(earlier, now, percent)
        if found is not None:
            # Tenths of a percent say something about a small change only.
            return self.same(what + " change", shown, found, True, int(abs(found) < 1))
        self.same(what + " difference", shown, now - earlier, percent, usual(now - earlier, kpi))

    def check_target(self, what, part, percent):
        target, shown = part["target"], part["shown"]["target"]
        if (target is None) != (shown is None):
            return self.complain(what, "has target", target, "and shows", shown)
        if target is None:
            return
        compared["shown"] += 1
        if not self.is_target(plain(shown), target, {"unit": "percent" if percent else ""}):
            self.complain(what, "shows target", shown, "for", target)

    def is_target(self, shown, target, kpi):
        band = target["low"] != target["high"]
        sides = shown.replace(" – ", "–").split("–") if band else [shown]
        read = [number(side, self.locale) for side in sides]
        bounds = (target["low"], target["high"])[: 1 + band]
        right = [rounded(bound, decimals, kpi["unit"] == "percent") for bound, (_, decimals) in zip(bounds, read)]
        # A target that isn't nothing never reads as nothing.
        return [value for value, _ in read] == right and all(value or not bound for value, bound in zip(right, bounds))

    # Where it is shown.

    def find(self, where, text, cursor, end, what):
        """The end of `text` in the format, as a number or name of its own; after `cursor`."""
        form, seen = where
        compared[form] += 1
        if isinstance(text, tuple):
            return self.find_number(where, text, cursor, end, what)
        sought = plain(text)
        bounded = r"(?<![\w.,+\-\u2212\u00a0\u202f€$])" + re.escape(sought) + r"(?![\w%€$\u00a0\u202f]|[.,]\d)"
        found = re.compile(bounded).search(seen, cursor, end)
        if not found:
            self.complain(what, f"lacks {sought!r} in {form}, after {seen[max(0, cursor - 60):cursor]!r}")
            return cursor
        return found.end()

    def find_number(self, where, sought, cursor, end, what):
        """The end of the first number between the words `before` and `after` it, which must be `value` with so many decimals."""
        form, seen = where
        before, value, decimals, *after = sought
        found = re.compile(re.escape(before) + f"({NUMBER})" + re.escape("".join(after))).search(seen, cursor, end)
        if not found or number(found[1], self.locale) != (value, decimals):
            read = found and found[0]
            self.complain(what, f"has {read!r} for {sought} in {form}, after {seen[max(0, cursor - 60):cursor]!r}")
        return found.end() if found else cursor

    def follow(self, where, texts, cursor, end, what):
        for text in texts:
            if text:
                cursor = self.find(where, text, cursor, end, what)
        return cursor

    def word(self, words, spanish):
        return words.get(self.locale[:2], spanish)

    def of_kpi(self, kpi, form):
        yield kpi["name"]
        yield kpi["shown"]["value"]
        yield kpi["shown"]["target"]
        yield from kpi["shown"]["changes"]
        if form == "text" and len(kpi["trend"]) > 1:
            yield from self.of_picture(kpi)
        if not kpi["segments"]:
            return
        others = kpi["others"] if form != "page" or len(kpi["segments"]) > PAGE else None
        named = kpi["segments"][: len(kpi["segments"]) - (others["count"] if others else 0)]
        yield kpi["breakdown"]["name"]
        for part in named + ([others] if others else []):
            yield self.of_others(part["count"]) if part is others else part["segment"]
            yield from self.of_part(part, part["verdict"] != "not judged", form)
        if len(named) + bool(others) > 1:
            # Target and verdict of the whole stand above.
            yield from self.of_part(kpi, False, form)

    def of_others(self, count):
        return ("", Decimal(count), 0, " others") if self.locale[:2] == "en" else ("otros ", Decimal(count), 0)

    def of_picture(self, kpi):
        """The picture in words: how many periods, the first and the last value, the lowest and the highest, the target."""
        yield "", Decimal(len(kpi["trend"])), 0, self.word({"en": " weeks:"}, " semanas:")
        known = [point for point in kpi["trend"] if point["value"] is not None]
        if known:
            by_value = sorted(known, key=lambda point: point["value"])
            yield from (point["shown"] for point in (kpi["trend"][0], kpi["trend"][-1], by_value[0], by_value[-1]))
            yield kpi["shown"]["target"]

    def of_part(self, part, judged, form):
        """In rows of a table how large the sample is and the target come first, in plain text the value does."""
        sample = part.get("sample")
        size = None if sample is None else ("n = ", rounded(sample, 0, False), 0)
        target, value = part["shown"]["target"] if judged else None, part["shown"]["value"]
        yield from [value, target, size] if form == "text" else [size, target, value]
        yield from part["shown"]["changes"]

    def of_attention(self, kpi):
        yield kpi["name"]
        yield kpi["shown"]["value"]
        yield kpi["shown"]["target"]
        yield kpi["short"] and kpi["short"]["shown"]
        if kpi["streak"] and kpi["streak"]["periods"] > 1:
            yield "", Decimal(kpi["streak"]["periods"]), 0
        for change in kpi["changes"]:
            if change["value"] is None or kpi["value"] is None:
                continue
            moved = next(m for m in kpi["moved"] if m["against"] == change["against"])
            yield self.of_change(change, moved)
            # What the KPI was before is no reason why it moved.
            if not any(re.search("previous|year_ago", driver["input"]) for driver in moved["drivers"]):
                told = [driver["shown"] for driver in moved["drivers"] if not is_nil(driver["shown"])]
                yield from told
                rest, decimals = moved["told_rest"]
                if moved["drivers"] and rest:
                    yield self.word(REST, "resto "), rest, decimals
            for part in moved["segments"]:
                if not is_nil(part["shown"]):
                    yield from self.of_move(kpi, part)

    def of_change(self, change, moved):
        """A change in percent is told as an amount, too."""
        plainly = moved["shown"] == change["shown"] or is_nil(moved["shown"])
        return change["shown"] if plainly else f"{change['shown']} ({moved['shown']})"

    def of_move(self, kpi, part):
        """By how much a segment moved the whole, and how much of that its weight did."""
        yield part["segment"]
        decimals = usual(part["mix"], kpi)
        mix = rounded(part["mix"], decimals, kpi["unit"] == "percent")
        mixed = self.word(MIX, "mezcla")
        if (mix, decimals) == number(plain(part["shown"]), self.locale):
            yield plain(part["shown"]) + f" ({mixed})"
            return
        yield part["shown"]
        if mix:
            yield f"({mixed} ", mix, decimals

    def check_order(self):
        """Whose data is late comes last; what is off target before what is near."""
        rank = {"missed": 0, "near": 1}
        order = [(self.kpis[id]["late"], rank[self.kpis[id]["verdict"]]) for id in self.json["attention"]]
        if order != sorted(order):
            self.complain("needs attention in the order", order)

    def check_places(self):
        seen = {"html": "\x1f".join(self.html.texts), "text": self.text, "page": "\x1f".join(self.page.texts)}
        for form, text in seen.items():
            where = (form, text)
            starts = [text.index(section["title"]) for section in self.json["sections"]]
            ends = starts[1:] + [self.notes_at(text)]
            cursor, attention = 0, self.json["attention"]
            told = told_at_length(attention)
            for kpi in (self.kpis[id] for id in attention[:told]):
                cursor = self.follow(where, self.of_attention(kpi), cursor, starts[0], kpi["id"] + " needs attention")
            for kpi in (self.kpis[id] for id in attention[told:]):
                cursor = self.follow(where, (f"{kpi['name']} {kpi['shown']['value']}",), cursor, starts[0], kpi["id"])
            for section, start, end in zip(self.json["sections"], starts, ends):
                for kpi in (self.kpis[id] for id in section["kpis"]):
                    start = self.follow(where, self.of_kpi(kpi, form), start, end, kpi["id"])
            cursor = ends[-1]
            for note in self.json["notes"]["restated"]:
                cursor = self.follow(where, (note["shown"]["told"], note["shown"]["now"]), cursor, len(text), "restated")
        self.check_order()
        self.check_drawings()

    def check_drawings(self):
        """Each point of a large chart says its period and value; a length of time is told in its parts."""
        points = iter([text.split(": ", 1)[1] for text in self.page.drawn if re.match(r"[^:]*\d{4}: ", text)])
        attention = self.json["attention"]
        for kpi in (self.kpis[id] for id in attention[: told_at_length(attention)]):
            for point in kpi["trend"] if len(kpi["trend"]) > 1 else []:
                compared["page"] += 1
                told, shown = next(points), plain(point["shown"])
                target = told[told.rindex(" (") + 2 : -1] if point["target"] else None
                rest = told[len(shown) : -len(f" ({target})") if target else None]
                right = told.startswith(shown) and (not target or self.is_target(target, point["target"], kpi))
                if kpi["unit"] in LENGTHS and point["value"] is not None:
                    least, seconds = length(rest.strip(" ()"), self.locale)
                    exact = Decimal(repr(float(point["value"]))) * LENGTHS[kpi["unit"]]
                    right = right and bool(re.match(r" \(.*\)$", rest)) and abs(seconds - exact) <= least / 2
                else:
                    right = right and not rest
                if not right:
                    self.complain(kpi["id"], "is drawn as", told, "for", point)
        if next(points, None):
            self.complain("more is drawn than is told")

    def check_twins(self):
        """Plain text, HTML and page tell the same: word for word what stands in texts of their own, and around the sections number
        for number, in the same order."""
        html, page = "\x1f".join(self.html.texts), "\x1f".join(self.page.texts)
        around = [self.around(form) for form in (html, page, self.text)]
        if around[0] != around[1]:
            self.complain("html and page differ:", next((a, b) for a, b in zip(*map(str.split, around[:2])) if a != b))
        numerals = [re.findall(NUMERAL, part) for part in around]
        if numerals[0] != numerals[2]:
            self.complain("html has", numerals[0], "and text", numerals[2], "around the sections")
        self.check_preview()
        # Why a KPI isn't judged, and what two variants differ by.
        said = lambda texts: [text for text in texts if re.match("○ (?!n = )", text) or "interval" in text]
        if said(self.html.texts) != said(self.page.texts):
            self.complain("html says", said(self.html.texts), "and page", said(self.page.texts))
        begins = self.html.texts.index(plain(self.json["title"]))
        for told in self.html.texts[begins:] + [alt for alt in self.html.alts if alt]:
            for part in re.sub("^[●▲■○] ", "", plain(told)).split(" · "):
                if re.search(r"\d", part) and part not in self.text:
                    self.complain("only in html:", part)
        html = set(re.findall(NUMERAL, plain("\x1f".join(self.html.texts + self.html.alts))))
        text = set(re.findall(NUMERAL, self.text))
        if html != text:
            self.complain("numbers only in html:", html - text, "only in text:", text - html)

    def check_preview(self):
        """What an inbox shows beside the subject is the first that needs attention, where something does."""
        preview = "\x1f".join(self.html.texts[: self.html.texts.index(plain(self.json["title"]))])
        counts = [self.json["counts"][verdict] for verdict in ("missed", "near", "met", "not_judged")]
        counted = [number(found, self.locale)[0] for found in re.findall(NUMERAL, preview.split(" · ")[-1])]
        if counted != [count for count in counts if count]:
            self.complain("the preview counts", counted, "of", counts)
        for kpi in (self.kpis[id] for id in self.json["attention"][:1]):
            told = [f"{kpi['name']} {kpi['shown']['value']}", kpi["shown"]["target"]]
            known = [change for change in kpi["changes"] if change["value"] is not None]
            self.follow(("html", preview), told + [self.of_change(*both) for both in zip(known, kpi["moved"][:1])], 0, len(preview), "the preview")

    def around(self, text):
        """What stands before the sections and after them."""
        first, last = (text.index(self.json["sections"][at]["title"]) for at in (0, -1))
        return text[text.index(self.json["title"]) : first] + text[self.notes_at(text) :]

    def notes_at(self, text):
        last = text.index(self.json["sections"][-1]["title"])
        return re.compile(r"\b(?:NOTAS|NOTES|Notas|Notes)\b").search(text, last).start()

    # Files.

    def check_book(self):
        for section, sheet in zip(self.json["sections"], self.book.worksheets):
            rows = iter(list(sheet.iter_rows())[5:])
            for kpi in (self.kpis[id] for id in section["kpis"]):
                percent = kpi["unit"] == "percent"
                whole = [c["value"] for c in kpi["changes"]]
                self.check_row(next(rows), kpi["name"], kpi, whole, percent)
                others = kpi["others"]
                named = kpi["segments"][: len(kpi["segments"]) - (others["count"] if others else 0)]
                for part in named:
                    self.check_row(next(rows), part["segment"], part, self.before(kpi, part), percent)
                if others:
                    self.check_row(next(rows), None, others, others["before"], percent)
                if len(named) + bool(others) > 1:
                    # Target, verdict and notes of the whole stand above.
                    total = next(rows)
                    self.check_row(total, "Total", kpi | {"target": None}, whole, percent)
                    if any(cell.value for cell in (total[2], total[3], *total[4 + len(whole) :])):
                        self.complain("the total", total[0].coordinate, "says more than its numbers")
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
                change = share(earlier, now, percent)
                change = now - earlier if change is None else change
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

    def limits(self, kpi, part):
        """What is good high has no most, what is good low no least."""
        target = part["target"]
        if not target:
            return None, None
        low, high = target["low"], target["high"]
        if low == high and kpi["good"] in ("up", "down"):
            return (low, None) if kpi["good"] == "up" else (None, high)
        return low, high

    def check_lines(self):
        head = self.csv.split("\r\n")[0]
        separator = ";" if ";" in head else ","
        lines = list(csv.reader(io.StringIO(self.csv, newline=""), delimiter=separator, strict=True))[1:]
        sheet = [[cell.value for cell in row] for row in list(self.book.worksheets[-1].iter_rows())[1:]]
        if len(lines) != len(sheet):
            return self.complain("the CSV has", len(lines), "lines and the sheet", len(sheet))
        value = lambda text: float(text.replace(",", ".") if separator == ";" else text) if text else None
        for line, row in zip(lines, sheet):
            same = [value(line[column]) == row[column] for column in (7, 9, 10, 12)]
            same += [line[column] == row[column].date().isoformat() for column in (1, 2)]
            # What a spreadsheet would run is marked as text.
            same += [line[column].removeprefix("'") == (row[column] or "") for column in (0, 3, 4, 5, 6, 8, 11, 13)]
            if not all(same):
                self.complain("the CSV has", line, "and the sheet", row)
        label = self.json["period"]["label"]
        for kpi in self.json["kpis"]:
            mine = [line for line in lines if line[3] == kpi["id"]]
            now = [line for line in mine if line[0] == label]
            for line, part in zip(now, [kpi] + kpi["segments"], strict=True):
                compared["csv"] += 1
                low, high = self.limits(kpi, part)
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
