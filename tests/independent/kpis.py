#!/usr/bin/env python3
"""Every shipped KPI, computed from the raw rows of the sample company in plain Python.

It shares nothing with kpid: no YAML, no formula, no aggregation in SQL. Each function says in its own words what
`kpis/*.yaml` says in formulas, so that a mistake in one of the two shows.

    python3 kpis.py FOLDER PERIOD...        PERIOD is label,start,end: 2026-W46,2026-11-09,2026-11-16 (half-open days)

Prints CSV `kpi,period,value` with 17 significant digits; an empty value is a missing one.
"""

import csv
import sqlite3
import statistics
import sys
from bisect import bisect_left
from collections import namedtuple
from datetime import date, datetime, timedelta
from pathlib import Path

Span = namedtuple("Span", "start end")  # half-open, days


# --- the calendar ----------------------------------------------------------------------------------------------------


def months_before(day, months):
    """The same day some months earlier; the month's last where it is too short."""
    month = day.year * 12 + day.month - 1 - months
    year, month = divmod(month, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def unit(span):
    """Weeks are counted in days, all longer periods in months."""
    days = (span.end - span.start).days
    if days == 7:
        return "week"
    return {28: 1, 29: 1, 30: 1, 31: 1, 90: 3, 91: 3, 92: 3}[days]


def previous(span):
    if unit(span) == "week":
        return Span(span.start - timedelta(7), span.start)
    return Span(months_before(span.start, unit(span)), span.start)


def year_ago(span):
    if unit(span) == "week":
        year, week, _ = span.start.isocalendar()
        last = date(year - 1, 12, 28).isocalendar().week  # 28 December is always in the year's last week
        start = date.fromisocalendar(year - 1, min(week, last), 1)
        return Span(start, start + timedelta(7))
    return Span(months_before(span.start, 12), months_before(span.end, 12))


def last_year(span):
    """The twelve months that end with the period."""
    return Span(months_before(span.end, 12), span.end)


# --- the rows --------------------------------------------------------------------------------------------------------


class Rows:
    """A table in memory, ordered by one of its times."""

    def __init__(self, database, table, time):
        connection = sqlite3.connect(database)
        cursor = connection.execute(f"SELECT * FROM {table}")
        record = namedtuple(table, [column[0] for column in cursor.description])
        rows = (record(*row) for row in cursor)
        self.rows = sorted((row for row in rows if getattr(row, time)), key=lambda row: getattr(row, time))
        self.times = [getattr(row, time) for row in self.rows]
        connection.close()

    def within(self, span):
        first, last = (bisect_left(self.times, day.isoformat()) for day in span)
        return self.rows[first:last]


def money(amounts):
    """A sum of amounts with two decimals, in whole cents: exact."""
    return sum(round(amount * 100) for amount in amounts) / 100


def share(part, whole):
    return part / whole if whole else None


def median(numbers):
    return statistics.median(numbers) if numbers else None


def moment(text):
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


class Company:
    def __init__(self, folder):
        web, crm, erp = (Path(folder) / f"{name}.db" for name in ("web", "crm", "erp"))
        self.sessions = Rows(web, "sessions", "started_at")
        self.leads = Rows(crm, "leads", "created_at")
        self.decided = Rows(crm, "opportunities", "decided_at")
        self.entered = Rows(crm, "opportunity_stages", "entered_at")
        self.lost = Rows(crm, "opportunity_stages", "lost_at")
        self.joined = Rows(crm, "customers", "since")
        self.orders = Rows(erp, "orders", "ordered_at")
        self.spend = Rows(erp, "spend", "day")

    # What several KPIs speak of.

    def revenue(self, span):
        return money(order.amount for order in self.orders.within(span))

    def cost(self, span, **wanted):
        """Spend whose columns have the wanted values."""
        rows = self.spend.within(span)
        return money(row.amount for row in rows if all(getattr(row, name) == value for name, value in wanted.items()))

    def customers_on(self, day):
        """Whoever is a customer as `day` begins."""
        day = day.isoformat()
        return sum(row.since < day and (row.until is None or row.until >= day) for row in self.joined.rows)

    def customers_lost(self, span):
        start, end = (day.isoformat() for day in span)
        return sum(row.until is not None and start <= row.until < end for row in self.joined.rows)

    def won(self, span):
        return sum(deal.won for deal in self.decided.within(span))

    def cac(self, span):
        return share(self.cost(span), len(self.joined.within(span)))

    def clv(self, span):
        """Of the twelve months that end with the period, whatever the period."""
        year = last_year(span)
        order = share(self.revenue(year), len(self.orders.within(year)))
        orders = self.orders_per_customer(span)
        lifetime = self.lifetime(span)
        return None if None in (order, orders, lifetime) else order * orders * lifetime

    def orders_per_customer(self, span):
        orders = self.orders.within(last_year(span))
        return share(len(orders), len({order.customer_id for order in orders}))

    def lifetime(self, span):
        year = last_year(span)
        average = (self.customers_on(year.start) + self.customers_on(year.end)) / 2
        return share(average, self.customers_lost(year))


# --- the KPIs --------------------------------------------------------------------------------------------------------


def traffic(company, span):
    visits = company.sessions.within(span)
    organic = [visit for visit in visits if visit.channel == "organic"]
    social = [visit for visit in visits if visit.channel == "social"]
    mobile = [visit for visit in visits if visit.device == "mobile"]
    landing = [visit for visit in visits if visit.landing_page is not None]
    mobile_landing = [visit for visit in landing if visit.device == "mobile"]
    tested = [visit for visit in landing if visit.variant in ("A", "B")]
    inbound = [lead for lead in company.leads.within(span) if lead.channel != "outbound"]

    def leads(some):
        return sum(visit.became_lead for visit in some)

    def bounces(some):
        return sum(visit.page_views == 1 for visit in some)

    yield "site_traffic", len(visits)
    yield "campaign_traffic", sum(visit.campaign is not None for visit in visits)
    yield "entry_page_traffic", len(visits)
    yield "pages_per_visit", share(sum(visit.page_views for visit in visits), len(visits))
    yield "bounce_rate", share(bounces(visits), len(visits))
    yield "organic_traffic", len(organic)
    yield "organic_share", share(len(organic), len(visits))
    yield "social_traffic", len(social)
    yield "social_share", share(len(social), len(visits))
    yield "social_leads", sum(lead.channel == "social" for lead in inbound)
    yield "social_customers", sum(customer.channel == "social" for customer in company.joined.within(span))
    yield "mobile_traffic", len(mobile)
    yield "mobile_share", share(len(mobile), len(visits))
    yield "mobile_leads", leads(mobile)
    yield "mobile_conversion", share(leads(mobile), len(mobile))
    yield "mobile_bounce_rate", share(bounces(mobile), len(mobile))
    yield "mobile_landing_conversion", share(leads(mobile_landing), len(mobile_landing))
    yield "traffic_to_lead", share(len(inbound), len(visits))
    yield "landing_conversion", share(leads(landing), len(landing))
    yield "landing_conversion_ab", share(leads(tested), len(tested))
    buyers = {visit.visitor_id for visit in visits if visit.bought}
    yield "conversion_rate", share(len(buyers), len({visit.visitor_id for visit in visits}))


def leads(company, span):
    created = company.leads.within(span)
    inbound = [lead for lead in created if lead.direction == "inbound"]
    # By their dates, while the queries read the flags.
    mqls = [lead for lead in created if lead.mql_at]
    sqls = [lead for lead in created if lead.sql_at]
    sals = [lead for lead in created if lead.sal_at]
    contacted = [lead for lead in inbound if lead.first_contact_at]
    hours = [(moment(lead.first_contact_at) - moment(lead.created_at)) / timedelta(hours=1) for lead in contacted]
    joined = company.joined.within(span)

    yield "leads", len(created)
    yield "lead_to_mql", share(len(mqls), len(created))
    yield "mql_to_sql", share(len(sqls), len(mqls))
    yield "lead_to_qualified", share(len(sqls), len(created))
    yield "sal_rate", share(len(sals), len(sqls))
    yield "cost_per_lead", share(company.cost(span, department="marketing"), len(created))
    cost = company.cost(span, department="marketing", direction="inbound")
    yield "cost_per_lead_inbound", share(cost, len(inbound))
    cost = company.cost(span, department="marketing", direction="outbound")
    yield "cost_per_lead_outbound", share(cost, len(created) - len(inbound))
    yield "lead_response_time", median(hours)
    yield "lead_response_time_mean", share(sum(hours), len(hours))
    yield "marketing_originated_customers", share(sum(row.marketing_originated for row in joined), len(joined))


def sales(company, span):
    orders, revenue = company.orders.within(span), company.revenue(span)
    created = company.leads.within(span)
    decided, won = company.decided.within(span), company.won(span)
    existing = money(order.amount for order in orders if not order.is_new_customer)
    deals = [deal for deal in decided if deal.won]
    days = [(moment(deal.decided_at).date() - moment(deal.first_contact_at).date()).days for deal in deals]
    stages, losses = company.entered.within(span), company.lost.within(span)

    def growth(before):
        ratio = share(revenue, company.revenue(before))
        return None if ratio is None else ratio - 1

    yield "revenue", revenue
    yield "inbound_revenue", money(order.amount for order in orders if order.is_inbound)
    yield "sales_growth", growth(previous(span))
    yield "sales_growth_yearly", growth(year_ago(span))
    yield "average_order_value", share(revenue, len(orders))
    yield "existing_customer_share", share(existing, revenue)
    yield "close_ratio", share(won, len(decided))
    yield "lead_to_close", share(won, len(created))
    yield "sql_to_customer", share(won, sum(lead.sql_at is not None for lead in created))
    yield "sal_to_customer", share(won, sum(lead.sal_at is not None for lead in created))
    yield "sales_cycle_length", median(days)
    yield "stage_drop", share(len(losses), len(stages))
    yield "stage_drop_reasons", share(sum(row.loss_reason is not None for row in losses), len(stages))


def costs(company, span):
    marketing, everything = company.cost(span, department="marketing"), company.cost(span)

    def marketing_return(some):
        spent = company.cost(some, department="marketing")
        credited = money(order.amount for order in company.orders.within(some) if order.campaign is not None)
        return share(credited - spent, spent)

    def inbound_return(some):
        spent = company.cost(some, direction="inbound")
        return share(money(order.amount for order in company.orders.within(some) if order.is_inbound) - spent, spent)

    spent = money(row.amount for row in company.spend.within(span) if row.campaign is not None)
    credited = money(order.amount for order in company.orders.within(span) if order.campaign is not None)

    yield "cac", company.cac(span)
    yield "marketing_share_of_cac", share(marketing, everything)
    yield "sales_cost_ratio", share(company.cost(span, department="sales"), company.revenue(span))
    yield "campaign_roi", share(credited - spent, spent)
    yield "marketing_roi", marketing_return(span)
    yield "marketing_roi_12m", marketing_return(last_year(span))
    yield "inbound_roi", inbound_return(span)
    yield "inbound_roi_12m", inbound_return(last_year(span))


def customers(company, span):
    joined = len(company.joined.within(span))
    at_start, at_end = company.customers_on(span.start), company.customers_on(span.end)
    buyers = {order.customer_id for order in company.orders.within(span)}
    clv, cac = company.clv(span), company.cac(last_year(span))

    yield "new_customers", joined
    yield "retention_rate", share(at_end - joined, at_start)
    yield "churn_rate", share(company.customers_lost(span), at_end)
    yield "churn_rate_of_start", share(company.customers_lost(span), at_start)
    yield "average_revenue_per_customer", share(company.revenue(span), len(buyers))
    yield "orders_per_customer", company.orders_per_customer(span)
    yield "customer_lifetime", company.lifetime(span)
    yield "clv", clv
    yield "clv_to_cac", None if clv is None or cac is None else share(clv, cac)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    company = Company(sys.argv[1])
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["kpi", "period", "value"])
    for period in sys.argv[2:]:
        label, start, end = period.split(",")
        span = Span(date.fromisoformat(start), date.fromisoformat(end))
        for area in (traffic, leads, sales, costs, customers):
            for kpi, value in area(company, span):
                out.writerow([kpi, label, "" if value is None else f"{value:.17g}"])


if __name__ == "__main__":
    main()
