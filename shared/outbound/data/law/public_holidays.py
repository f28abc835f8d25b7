#!/usr/bin/env python3
"""Writes public_holidays.txt anew: the days that a rule with `holidays` of a calendar means.

    pip install holidays==0.109 && python3 public_holidays.py

Only needed to bring the data up to date. The build reads the text file alone.

A calendar is the union of what the package lists for the country or state, of the federal list
where it is a state's, and of the days that `[[holiday_calendar]]` of jurisdictions.toml names:
a day too many only delays a call.
"""

import re
import tomllib
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

from dateutil.easter import easter
from holidays import country_holidays

HERE = Path(__file__).parent
LAW = tomllib.loads((HERE / "jurisdictions.toml").read_text())
COMPILED = LAW["compiled"].year
# Decisions are kept for five years, and can be checked again that long.
YEARS = range(COMPILED - 5, COMPILED + 6)

MON, TUE, THU = 0, 1, 3


def nth(month, weekday, n):
    """The n-th such weekday of a month."""
    def of(year):
        first = date(year, month, 1)
        return first + timedelta((weekday - first.weekday()) % 7 + 7 * (n - 1))
    return of


def last_monday_of_may(year):
    end = date(year, 5, 31)
    return end - timedelta(end.weekday())


def fixed(month, day):
    return lambda year: date(year, month, day)


# The days that laws name, as [[holiday_calendar]] spells them. Those with a fixed date are also
# kept on the Friday or Monday beside a weekend.
NAMED = {
    "New Year's Day": fixed(1, 1),
    "Martin Luther King Jr. Day": nth(1, MON, 3),
    "Presidents' Day": nth(2, MON, 3),
    "Mardi Gras Day": lambda year: easter(year) - timedelta(47),
    "Good Friday": lambda year: easter(year) - timedelta(2),
    "Memorial Day": last_monday_of_may,
    "Flag Day": fixed(6, 14),
    "Juneteenth": fixed(6, 19),
    "Independence Day": fixed(7, 4),
    "Pioneer Day": fixed(7, 24),
    "Victory Day": nth(8, MON, 2),
    "Labor Day": nth(9, MON, 1),
    "Columbus Day": nth(10, MON, 2),
    "Election Day": lambda year: nth(11, MON, 1)(year) + timedelta(1),
    "Veterans Day": fixed(11, 11),
    "Thanksgiving Day": nth(11, THU, 4),
    "Christmas Day": fixed(12, 25),
}
FIXED = {"New Year's Day", "Flag Day", "Juneteenth", "Independence Day", "Pioneer Day",
         "Veterans Day", "Christmas Day"}


def calendars():
    """The codes that rules refer to: `ban:US-PA`, `from-13-until-21:US-NE`, `unknown`."""
    for rule in LAW["rule"]:
        policy = rule.get("holidays", "as-weekday")
        if policy == "unknown":
            yield rule["code"]
        elif ":" in policy:
            yield policy.partition(":")[2]


def published(country, subdivision=None):
    for category in ("public", "government"):
        if category in country_holidays(country).supported_categories:
            yield from country_holidays(country, subdiv=subdivision, years=YEARS,
                                        language="en_US", categories=(category,)).items()


def named(code):
    for calendar in LAW["holiday_calendar"]:
        if calendar["code"] == code:
            for name in calendar.get("days", []):
                for year in YEARS:
                    day = NAMED[name](year)
                    yield day, name
                    if name in FIXED and day.weekday() > 4:
                        beside = day + timedelta(1 if day.weekday() == 6 else -1)
                        yield beside, f"{name} (observed)"


def calendar(code):
    country, _, subdivision = code.partition("-")
    yield from published(country, subdivision or None)
    if country == "US":
        yield from published("US")
    if code == "ES":
        # Which region a Spanish number is in is not known, so the days of all count.
        for region in country_holidays("ES").subdivisions:
            for day, name in published("ES", region):
                yield day, name
    yield from named(code)


def main():
    lines = {}
    for code in sorted(set(calendars())):
        for day, name in calendar(code):
            # A name of the package may unite several days with `;`. The first spelling is kept.
            plain = re.sub(r"\s*;\s*", " and ", name).replace("|", "/")
            lines.setdefault(f"{code} {day}", plain)
    header = f"""\
# The holidays that calling rules mean, by calendar and day, {YEARS[0]} to {YEARS[-1]}.
# Source: PyPI's holidays {version("holidays")} (MIT), united with the days that
# [[holiday_calendar]] of jurisdictions.toml names. Written by public_holidays.py.
# Sorted by bytes, which the lookup relies on.
"""
    body = "".join(f"{key}|{lines[key]}\n" for key in sorted(lines))
    (HERE / "public_holidays.txt").write_text(header + body, encoding="utf-8")


main()
