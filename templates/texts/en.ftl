### The words of a report, in English. The installation's `templates/texts/en.ftl` may override any message of this file, and
### `templates/texts/fr.ftl` adds a language: copy this file, translate what follows each `=`, and leave out what English may say.
###
### A comment lists the arguments of its message. `$name: …` is a text that is ready to print (names, amounts, dates), `(number)` also
### chooses a plural by the rules of the language, `(day, week, …)` is one of these words, to choose by. An argument that a language
### has no use for may be left out; there are no others. `{ ORDINAL($number) -> … }` chooses between 1st, 2nd, 3rd and 4th.

## Verdicts

verdict-met = on target
verdict-near = near
verdict-missed = off target
verdict-none = not judged

# Beside a number, which stands before it in large type.
# $count (number): how many KPIs
counted-met = on target
# $count (number): how many KPIs
counted-near = near target
# $count (number): how many KPIs
counted-missed = off target
# $count (number): how many KPIs
counted-none = not judged

# In a line: subject, preheader, plain text.
# $count (number): how many KPIs
count-met = { $count } on target
# $count (number): how many KPIs
count-near = { $count } near target
# $count (number): how many KPIs
count-missed = { $count } off target
# $count (number): how many KPIs
count-none = { $count } not judged

# Why there is no verdict.
unjudged-no-target = no target
unjudged-missing = no value
unjudged-target-missing = target has no value
unjudged-sample-missing = size of the sample unknown
unjudged-open = period still open
# $has: the size of the sample
# $needs: the size it should have
unjudged-sample = sample too small: { $has } of { $needs }

# Beside the verdict of a KPI that reads a stale source.
late = late data

## Headings of the body

attention = Needs attention
# What else needs attention, after the list that tells the worst in full.
# $list: KPIs with their values
attention-more = Also: { $list }
# Under the title, so that no number is read without it.
# Of an edition that comes an hour or more after its time.
# $duration: how much later
banner-late = This report comes { $duration } late; its period is the one it was due for.
# $count (number): how many sources
banner-failed = { $count ->
    [one] One source did not answer: see the notes.
   *[other] { $count } sources did not answer: see the notes.
}
# $count (number): how many sources
banner-stale = { $count ->
    [one] Data from one source is late: see the notes.
   *[other] Data from { $count } sources is late: see the notes.
}
# In place of that list when nothing does.
# $judged (number): how many KPIs are judged
# $all (number): how many KPIs there are
attention-none = None of the KPIs that are judged ({ $judged } of { $all }) needs attention.
notes = Notes
glossary = Definitions
# $dimension: what it is broken down by
breakdown-by = By { $dimension }

## Columns of tables

column-kpi = KPI
column-value = Value
column-target = Target
column-verdict = Status
column-trend = Trend
column-segment = Segment
column-sample = Sample
# Short enough for the head of a narrow column.
# $cadence (day, week, month, quarter, year): the length of the period
column-previous = vs previous { $cadence ->
    [day] day
    [week] week
    [month] month
    [quarter] quarter
    [year] year
   *[other] period
}
# $cadence (day, week, month, quarter, year): the length of the period
column-year-ago = vs a year earlier

## A KPI against its target

# $target: as in ≤ €250 or 20–30
target-is = target { $target }
# "CAC €312 (target ≤ €250)"
# $name: the KPI
# $value: its value
# $target: as in ≤ €250 or 20–30
headline = { $name } { $value } (target { $target })
# Beside the target.
# $amount: how far the value lies from its target
# $side (above, below): where the value lies
distance = { $amount } { $side ->
    [above] above
   *[below] below
}

## Changes

# $change: as in +18% or −1.2 pp
# $cadence (day, week, month, quarter, year): the length of the period
change-previous = { $change } on the previous { $cadence ->
    [day] day
    [week] week
    [month] month
    [quarter] quarter
    [year] year
   *[other] period
}
# $change: as in +18% or −1.2 pp
# $cadence (day, week, month, quarter, year): the length of the period
change-year-ago = { $change } on a year earlier

## Why it moved

# "+18% on the previous week: marketing spend +€41, new customers −€3."
# $change: one of the changes above, against what it was
# $parts: what made it, a list
why = { $change }: { $parts }.
# The parts are close, not exact.
# $change: one of the changes above, against what it was
# $parts: what made it, a list
why-about = { $change }, approximately: { $parts }.
# $name: an input of the formula
# $amount: how much of the change it made
why-driver = { $name } { $amount }
# $amount: what all other inputs made
why-rest = the rest { $amount }
# "By channel: organic −1.2 pp (mix −0.3 pp), paid +0.2 pp."
# $dimension: what it is broken down by
# $parts: the segments that moved it most, a list
why-segments = By { $dimension }: { $parts }.
# $name: a segment
# $amount: how much of the change its own value made
why-segment = { $name } { $amount }
# $name: a segment
# $amount: how much of the change its own value made
# $mix: how much its larger or smaller weight made
why-segment-mix = { $name } { $amount } (mix { $mix })
# A segment that moved it by its weight alone.
# $name: a segment
# $mix: how much its larger or smaller weight made
why-segment-only-mix = { $name } { $mix } (mix)

## Streaks

# "3rd week", for the messages below.
# $count (number): how many periods in a row
# $cadence (day, week, month, quarter, year): the length of the period
nth-period = { ORDINAL($count) ->
    [one] { $count }st
    [two] { $count }nd
    [few] { $count }rd
   *[other] { $count }th
} { $cadence ->
    [day] day
    [week] week
    [month] month
    [quarter] quarter
    [year] year
   *[other] period
}
# $nth: the message `nth-period`
# $cadence (day, week, month, quarter, year): the length of the period
streak-missed = off target for the { $nth } running
# $nth: the message `nth-period`
# $cadence (day, week, month, quarter, year): the length of the period
streak-near = near target for the { $nth } running
# $nth: the message `nth-period`
# $cadence (day, week, month, quarter, year): the length of the period
streak-met = on target for the { $nth } running
# As far back as the trend reaches, and maybe further.
# $periods: the message `last-periods`
streak-missed-long = off target for at least { $periods }
# $periods: the message `last-periods`
streak-near-long = near target for at least { $periods }
# $periods: the message `last-periods`
streak-met-long = on target for at least { $periods }
back-met = back on target
# It missed its target, or came near it, for the first time since it was met.
# $cadence (day, week, month, quarter, year): the length of the period
fell-from-met = was on target the { $cadence ->
    [day] day
    [week] week
    [month] month
    [quarter] quarter
    [year] year
   *[other] period
} before

## Breakdowns

# $count (number): how many segments
others = { $count ->
    [one] 1 other
   *[other] { $count } others
}
total = Total
segment-empty = (none)
# $count: the size of the sample
sample-size = n = { $count }

## A/B tests

# $better: the better variant
# $worse: the other
# $difference: between them, without sign
# $low: lower end of the interval of the difference
# $high: its upper end
contrast-better = { $better } is better than { $worse } by { $difference } (95% interval { $low } to { $high }).
# Where higher is neither better nor worse.
# $higher: the variant with the higher value
# $lower: the other
# $difference: between them, without sign
# $low: lower end of the interval of the difference
# $high: its upper end
contrast-higher = { $higher } is higher than { $lower } by { $difference } (95% interval { $low } to { $high }).
# $pair: both variants, a list
# $difference: between them
# $low: lower end of the interval of the difference
# $high: its upper end
contrast-noise = The difference between { $pair } ({ $difference }) may be due to chance (95% interval { $low } to { $high }).
# $pair: both variants, a list
contrast-none = The samples of { $pair } are too small to compare.

## Notes

# $count (number): how many sources
note-failed = { $count ->
    [one] Source unavailable
   *[other] Sources unavailable
}
# $sources: their names, a list
# $count (number): how many sources
# $kpis: the KPIs that need them, a list
note-failed-line = Could not be read: { $sources }. No value for: { $kpis }.
# $sources: their names, a list
# $count (number): how many sources
note-failed-line-alone = Could not be read: { $sources }.
note-stale = Late data
# $source: its name
# $day: the newest day it has data of
# $kpis: the KPIs that need it, a list
note-stale-line = { $source }: data up to { $day }. Affects: { $kpis }.
# $source: its name
# $kpis: the KPIs that need it, a list
note-stale-line-none = { $source }: no data yet. Affects: { $kpis }.
note-missing = No value
# $kpis: the KPIs without a value, a list
# $reason: one of the messages below
note-missing-line = { $kpis }: { $reason }.
# $what: a measure or an input
reason-no-row = there is no data for { $what }
# $what: a measure or an input
reason-null = the value of { $what } is empty
# $what: the divisor
reason-division = division by zero ({ $what })
# $what: a part of the formula
reason-overflow = value too large ({ $what })
# $what: a part of the formula
reason-domain = not defined for these values ({ $what })
# $what: a measure or an input
reason-not-finite = not a finite number ({ $what })
# $source: its name
reason-source = source { $source } did not answer
note-small = Small samples
# $kpi: its name
# $has: the size of the sample
# $needs: the size it should have
note-small-line = { $kpi } has a sample of { $has }; at least { $needs } are needed to judge it.
# $kpi: its name
# $needs: the size a sample should have
# $count (number): how many segments
note-small-segments = { $count ->
    [one] { $kpi }: { $count } segment has a sample below { $needs } and is not judged.
   *[other] { $kpi }: { $count } segments have a sample below { $needs } and are not judged.
}
note-retargeted = Changed targets
# $kpi: its name
# $from: the target before
# $to: the target now
# $since: a day
note-retargeted-line = { $kpi }: target { $to } from { $since } (previously { $from }).
# $kpi: its name
# $from: the target before
# $to: the target now
# $since: a day
# $why: what the owner says about it
note-retargeted-line-why = { $kpi }: target { $to } from { $since } (previously { $from }): { $why }.
# $kpi: its name
# $to: the target now
# $since: a day
note-retargeted-first = { $kpi }: target { $to } from { $since } (previously none).
# $kpi: its name
# $to: the target now
# $since: a day
# $why: what the owner says about it
note-retargeted-first-why = { $kpi }: target { $to } from { $since } (previously none): { $why }.
note-restated = Corrected values
# $kpi: its name
# $period: which period
# $told: what an earlier report said
# $now: what the data says now
note-restated-line = { $kpi }, { $period }: reported as { $told }; the data now gives { $now }.
# $until: day and time up to which there is data
note-running-line = Values run up to { $until } and are compared with the same part of earlier periods.

## Inputs of formulas

# $measure: its name
# $source: where it is read
input-of-source = { $measure } ({ $source })
# $name: an input
input-previous = { $name } (previous period)
# $name: an input
input-year-ago = { $name } (a year earlier)
# $name: an input
input-total = { $name } (total)

## Formulas in words

# $list: values
formula-min = smallest of ({ $list })
# $list: values
formula-max = largest of ({ $list })
# $value: a value
formula-abs = absolute value of ({ $value })
# $value: a value
formula-round = ({ $value }) rounded
# $value: a value
formula-floor = ({ $value }) rounded down
# $value: a value
formula-ceil = ({ $value }) rounded up
# $value: a value
formula-sqrt = square root of ({ $value })
# $value: a value
formula-ln = natural logarithm of ({ $value })
# $value: a value
formula-exp = e to the power of ({ $value })
# $condition: a condition
# $then: the value when it holds
# $else: the value when it does not
formula-if = { $then } if { $condition }, otherwise { $else }
# $list: values
formula-coalesce = first available of ({ $list })
# $a: a condition
# $b: another
formula-and = { $a } and { $b }
# $a: a condition
# $b: another
formula-or = { $a } or { $b }
# $a: a condition
formula-not = not ({ $a })

## Wider windows

# $count (number): how many
over-days = { $count ->
    [one] last day
   *[other] last { $count } days
}
# $count (number): how many
over-weeks = { $count ->
    [one] last week
   *[other] last { $count } weeks
}
# $count (number): how many
over-months = { $count ->
    [one] last month
   *[other] last { $count } months
}
over-month-to-date = month to date
over-quarter-to-date = quarter to date
over-year-to-date = year to date

## Glossary and footer

glossary-definition = Definition
glossary-formula = Formula
glossary-owner = Owner
glossary-sources = Sources
good-up = higher is better
good-down = lower is better
good-neutral = neither higher nor lower is better
legend-points = pp: percentage points.
legend-mix = mix: the part of a change that comes from a segment's larger or smaller weight.
# $moment: day and time
footer-scheduled = Scheduled for { $moment }
# $duration: a length of time
footer-late = late by { $duration }
# $count (number): how many editions
footer-skipped = { $count ->
    [one] One scheduled edition before this one was left out.
   *[other] { $count } scheduled editions before this one were left out.
}
# $moment: day and time
footer-as-of = Data as of { $moment }
# $version: of the catalogue
footer-catalog = Catalogue { $version }
# $zone: as in Europe/Madrid
footer-zone = Times in { $zone }
footer-browser = View in browser
# $contact: a name or an address
footer-ask = Questions? Ask { $contact }.
# $shown: rows that are left
# $count (number): rows there are
shortened = { $count ->
    [one] Shortened: { $shown } of { $count } row.
   *[other] Shortened: { $shown } of { $count } rows.
}
shortened-link = All rows are in the web version.
shortened-attached = All rows are in the attachment.
shortened-definitions = Definitions are left out here: see the attachment.
shortened-definitions-text = Definitions are left out here: see the plain text of this mail.
shortened-text = All of it is in the plain text of this mail.

## Subject and preview

# $headline: the worst KPI
# $change: how it changed
# $counts: how many KPIs are off target, near and on target
preheader = { $headline }, { $change } · { $counts }
# $headline: the worst KPI
# $counts: how many KPIs are off target, near and on target
preheader-no-change = { $headline } · { $counts }

## Pictures in words

# $count (number): how many periods
# $cadence (day, week, month, quarter, year): the length of the period
last-periods = { $cadence ->
    [day] { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
    [week] { $count ->
        [one] { $count } week
       *[other] { $count } weeks
    }
    [month] { $count ->
        [one] { $count } month
       *[other] { $count } months
    }
    [quarter] { $count ->
        [one] { $count } quarter
       *[other] { $count } quarters
    }
   *[year] { $count ->
        [one] { $count } year
       *[other] { $count } years
    }
}
# $periods: the message `last-periods`
# $first: the oldest value
# $last: the newest value
# $low: the lowest value
# $high: the highest value
chart = { $periods }: { $first } to { $last }; low { $low }, high { $high }
# $periods: the message `last-periods`
# $first: the oldest value
# $last: the newest value
# $low: the lowest value
# $high: the highest value
# $target: of the newest period
chart-target = { $periods }: { $first } to { $last }; low { $low }, high { $high }, target { $target }
# $periods: the message `last-periods`
chart-none = { $periods }: no values

## Periods

# "Monday 16 to Sunday 22 November 2026". Where dates begin with the month, as in the United States, `$order` is month.
# $order (day, month, year): what dates begin with
# $span (month, year, years): whether both days lie in one month, one year or neither
# $first-weekday: its name
# $first-day: its number
# $first-month: day and month
# $first-date: day, month and year
# $last-weekday: its name
# $last-date: day, month and year
week-days = { $order ->
    [month] { $span ->
        [years] { $first-weekday }, { $first-date }, to { $last-weekday }, { $last-date }
       *[other] { $first-weekday }, { $first-month } to { $last-weekday }, { $last-date }
    }
   *[day] { $span ->
        [month] { $first-weekday } { $first-day } to { $last-weekday } { $last-date }
        [years] { $first-weekday } { $first-date } to { $last-weekday } { $last-date }
       *[year] { $first-weekday } { $first-month } to { $last-weekday } { $last-date }
    }
}
# $weekday: its name
# $date: day, month and year
# $order (day, month, year): what dates begin with
period-day = { $order ->
    [month] { $weekday }, { $date }
   *[day] { $weekday } { $date }
}
# $days: first and last day
# $number: of the week
period-week = { $days } · week { $number }
# $number (number): of the quarter
# $year: the year
period-quarter = { ORDINAL($number) ->
    [one] { $number }st
    [two] { $number }nd
    [few] { $number }rd
   *[other] { $number }th
} quarter of { $year }
# $number: of the quarter
# $year: the year
period-quarter-short = Q{ $number } { $year }
# A year that does not begin in January, and its quarters.
# $year: the calendar year in which it ends
# $months: its first and last month
period-fiscal-year = financial year { $year } ({ $months })
# $year: the calendar year in which it ends
period-fiscal-year-short = FY { $year }
# $number (number): of the quarter
# $year: the calendar year in which the financial year ends
# $months: its first and last month
period-fiscal-quarter = { ORDINAL($number) ->
    [one] { $number }st
    [two] { $number }nd
    [few] { $number }rd
   *[other] { $number }th
} quarter of financial year { $year } ({ $months })
# $number: of the quarter
# $year: the calendar year in which the financial year ends
period-fiscal-quarter-short = Q{ $number } FY { $year }
# $period: one of the above
# $until: day and time up to which there is data
period-running = { $period }, until { $until }
# A day and a time of day.
# $day: the day
# $time: the time
moment = { $day }, { $time }
# $weekday: its name
# $day: its number, or day and month
# $order (day, month, year): what dates begin with
weekday-day = { $order ->
    [month] { $weekday }, { $day }
   *[day] { $weekday } { $day }
}

## Durations

# Parts of a duration, joined by spaces.
# $count (number): how many
duration-days = { $count } d
# $count (number): how many
duration-hours = { $count } h
# $count (number): how many
duration-minutes = { $count } min
# $count (number): how many
duration-seconds = { $count } s

## Spreadsheets and files

sheet-definitions = Definitions
sheet-data = Data
sheet-notes = Notes
data-period = Period
data-from = From
data-until = Until
data-id = Id
data-dimension = Dimension
data-unit = Unit
data-target-low = Target, lower end
data-target-high = Target, upper end
data-good = Better when
unit-count = count
unit-number = number
unit-percent = percent
unit-ratio = ratio
unit-minutes = minutes
unit-hours = hours
unit-days = days

## Letters to the admin

# Headings.
notice-reason = Reason
notice-sources = Sources
notice-answer = What the mail server said
notice-problems = Problems
notice-nodes = Daemons
notice-next = What kpid does by itself
notice-todo = What to do
# $source: its name
# $day: the newest day it has data of
notice-newest = { $source }: data up to { $day }
# $source: its name
notice-newest-none = { $source }: no data yet
# $moment: day and time
notice-written = Written on { $moment }
notice-to = kpid writes to you because the settings name you as its admin.

# $report: its name in the YAML
# $slot: when it was due, day and time
notice-failed = { $report } of { $slot } was not sent
# $report: its name in the YAML
# $slot: when it was due, day and time
notice-failed-what = The edition of { $report } that was due on { $slot } could not be made. Nobody has received it.
notice-failed-next = It does not try this edition again. The next one comes at its usual time.
notice-failed-do = Once the cause is mended, have the edition made after all. It will be about the same period:

# $report: its name in the YAML
# $slot: when it was due, day and time
notice-gaps = { $report } of { $slot } was sent without some of its data
# $report: its name in the YAML
# $slot: when it was due, day and time
notice-gaps-what = The edition of { $report } that was due on { $slot } went out, but some sources could not be read. Its readers see which values are missing.
notice-gaps-next = It does not send this edition again. The next one reads all sources anew.
notice-gaps-do = See whether the databases answer, and send a new edition if it is worth it:

# $report: its name in the YAML
# $count (number): how many editions
notice-skipped = { $count ->
    [one] { $report }: one edition is left out
   *[other] { $report }: { $count } editions are left out
}
# $slot: when it was due, day and time
notice-skipped-one = The edition due on { $slot } was not made in time, and is not made up for.
# $from: when the first was due, day and time
# $to: when the last was due, day and time
# $count (number): how many editions
notice-skipped-what = The { $count } editions due from { $from } to { $to } were not made in time, and are not made up for.
notice-skipped-next = The next edition says in its footer that some were left out. Later ones come at their usual time.
notice-skipped-do = Nothing, if nobody needs them. What is made up for is decided by “missed” in the report's YAML. To have an edition now:

# $report: its name in the YAML
notice-waits = { $report } waits for newer data
# $report: its name in the YAML
# $slot: when it was due, day and time
notice-waits-what = The edition of { $report } that was due on { $slot } is held back: the data of a source is too old.
# $until: day and time
notice-waits-next = It looks again every few minutes and sends the edition as soon as the data is there. If it is not there by { $until }, the edition goes out with the data there is, and says so.
notice-waits-do = See why the source gets no new data. kpid tells you where the edition stands:

# $report: its name in the YAML
notice-waited = { $report } was sent with late data
# $report: its name in the YAML
# $slot: when it was due, day and time
notice-waited-what = The edition of { $report } that was due on { $slot } waited for newer data, which did not come in time. It went out with the data there is, and says so.
notice-waited-next = It does not send this edition again. The next one shows the values anew.
notice-waited-do = See why the source gets no new data. Once it has, send a new edition if it is worth it:

# $report: its name in the YAML
notice-poisoned = { $report } has stopped kpid three times
# $report: its name in the YAML
# $slot: when it was due, day and time
notice-poisoned-what = Each time kpid made the edition of { $report } that was due on { $slot }, the program came to an end. The edition is set aside. Nobody has received it.
notice-poisoned-next = It leaves this edition alone. Other reports, and later editions of this one, go on.
notice-poisoned-do = Look in the log for how the program ended; memory is the usual cause. Then have the edition tried again:

# $address: of who should have got the mail
notice-bounced = Mail to { $address } was refused
# $report: its name in the YAML
# $slot: when it was due, day and time
# $address: of who should have got the mail
notice-bounced-what = The mail server refuses to deliver { $report } of { $slot } to { $address }, for good.
notice-bounced-next = It does not try this mail again. All others are sent, and so is the next edition to this address.
notice-bounced-do = Correct or remove the address in the catalogue. If the server has changed its mind, have the mail sent again:

# $address: of who should have got the mail
notice-expired = Mail to { $address } could not be sent in time
# $report: its name in the YAML
# $slot: when it was due, day and time
# $address: of who should have got the mail
notice-expired-what = { $report } of { $slot } was tried again and again for { $address }. It is too old by now and given up.
notice-expired-next = It does not try this mail again. The next edition is sent at its usual time.
notice-expired-do = If it is still wanted, have the mail sent again:

# $address: of who should have got the mail
notice-held = Mail to { $address } was perhaps delivered
# $report: its name in the YAML
# $slot: when it was due, day and time
# $address: of who should have got the mail
notice-held-what = The connection broke after { $report } of { $slot } for { $address } had been handed over and before the mail server confirmed it. Nobody knows whether it was delivered.
notice-held-next = It holds the mail until you decide, because the settings say so. Other mails go on.
notice-held-do = Ask the reader, or look in the mail server's log. Then send the mail again, or drop it:

notice-relay = No mail goes out: the mail server refuses kpid
# $server: its address
# $since: day and time
notice-relay-what = { $server } has refused kpid since { $since }. All mails wait; none is lost, and none loses an attempt.
notice-relay-next = It tries again every 15 minutes. As soon as the server accepts, all mails that wait go out.
notice-relay-do = Check the server, user, password and certificate in the settings. This tries all of them without sending a mail:

notice-works = Mail goes out again
# $server: its address
# $since: when it stopped, day and time
# $until: when it began again, day and time
notice-works-what = { $server } accepts mail again. It had refused from { $since } to { $until }.
notice-works-next = It sends all mails that waited. There is nothing to do.

notice-refused = The edited catalogue is not used
# $since: day and time
# $count (number): how many problems
notice-refused-what = { $count ->
    [one] The files have a problem.
   *[other] The files have { $count } problems.
} kpid goes on with the catalogue that it read on { $since }.
notice-refused-next = It reads the files again after each edit, and uses them once they are right.
notice-refused-do = Correct the files. This shows each problem with its line:

notice-jumped = The clock has jumped: no report is planned
# $from: day and time
# $to: day and time
notice-jumped-what = The clock went from { $from } straight to { $to }. So as not to send weeks of reports by mistake, kpid plans none until somebody has looked.
notice-jumped-next = It sends what was already under way, and plans nothing new.
notice-jumped-do = See whether the clock is right, and set it if not. Then let kpid go on:

notice-differ = The daemons hold different catalogues
# $since: day and time
notice-differ-what = The daemons that share the store have not agreed on the catalogue since { $since }. Which one makes an edition is a matter of chance, and so are its numbers.
notice-differ-next = Each goes on with its own catalogue.
notice-differ-do = Put the same files on all of them. On each, this shows what is wrong with its files:

# $node: its name
notice-skew = The clock of { $node } is wrong
# $node: its name
# $amount: how far it is off
# $side (ahead, behind): of the store's clock
notice-skew-what = The clock of { $node } is { $amount } { $side ->
    [ahead] ahead of
   *[behind] behind
} that of the store. Reports begin at the wrong time.
notice-skew-next = It goes on up to 30 seconds. Beyond that this daemon takes no work and says that it is not ready.
notice-skew-do = Have the machine keep its time by NTP:

notice-full = The disk of the store is nearly full
# $free: how many megabytes
# $place: its path
notice-full-what = { $free } MB are left where { $place } lies.
notice-full-next = When nothing is left it stops sending, since no mail may go out that could not be recorded.
notice-full-do = Make room on that disk, or have less history kept. This shows how much is left:

## The site that explains the catalogue

site-title = KPI catalogue
site-kpis = KPIs
site-sources = Sources
site-reports = Reports
site-lineage = Where the numbers come from
site-lineage-intro = From left to right: queries, KPIs, reports. A click leads to the page of each; pointing at one shows its lines.
site-find = Find
site-about = What it means
site-unit = Unit
site-good = Better when
site-where = Only
# $dimension: its name
# $values: what is kept of it
site-where-is = { $dimension }: { $values }
site-window = Measured over
site-breakdown = Also by
site-sample = Judged from
# $n: how many
# $of: what is counted
site-sample-is = { $n } of { $of }
site-tags = Tags
site-tests = Tests
site-defined = Written in
site-made-from = Made from
site-used-by = Used by
site-target-none = none
# $level: the target
# $day: since when it holds
site-target-since = { $level } from { $day }
# $level: the target
# $day: since when it holds
# $why: why it was set so
site-target-since-why = { $level } from { $day }: { $why }
# $level: the target
# $segment: of which segment
site-target-by = { $level } for { $segment }
# $target: an amount
# $cadence (day, week, month, quarter, year): for how long
site-target-per = { $target } a { $cadence ->
    [day] day
    [week] week
    [month] month
    [quarter] quarter
   *[year] year
}
# $share: of the target
site-near = near within { $share }
site-database = Database
site-query = Query
site-measures = Measures
site-dimensions = Dimensions
site-fresh = Fresh
# $duration: how old data may be
site-fresh-within = no older than { $duration }
site-schedule = Schedule
site-schedule-none = by hand
site-period = Period
# $cadence (day, week, month, quarter, year): the length of the period
site-cadence = { $cadence ->
    [day] day
    [week] week
    [month] month
    [quarter] quarter
   *[year] year
}
site-readers = Readers
site-attached = Attached
site-nobody = nobody
