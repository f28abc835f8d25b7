#!/usr/bin/env python3
"""Writes phone_time_zones.txt anew, from libphonenumber's data as PyPI distributes it.

    pip install phonenumbers==9.0.43 && python3 phone_time_zones.py

Only needed to bring the data up to date. The build reads the text file alone.
"""

from importlib.metadata import version
from pathlib import Path

from phonenumbers.tzdata import TIMEZONE_DATA

# libphonenumber keeps the first name a zone had. Customers read these, so they get the present one.
RENAMED = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Godthab": "America/Nuuk",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Choibalsan": "Asia/Ulaanbaatar",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Europe/Kiev": "Europe/Kyiv",
    "Pacific/Enderbury": "Pacific/Kanton",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
}

# Zones that keep the same clock as a larger neighbor. Where both are named the number is not
# ambiguous, and the neighbor's city is the one most customers know.
SAME_CLOCK = {
    "America/Kralendijk": "America/Curacao",
    "Arctic/Longyearbyen": "Europe/Oslo",
    "Europe/Guernsey": "Europe/London",
    "Europe/Isle_of_Man": "Europe/London",
    "Europe/Jersey": "Europe/London",
    "Europe/Mariehamn": "Europe/Helsinki",
    "Europe/Vatican": "Europe/Rome",
}

# libphonenumber gives Ireland the zones of the United Kingdom. The clock is right, the city not.
CORRECTED = {"353": ["Europe/Dublin"], "353539253": ["Europe/Dublin"]}

HEADER = """\
# The time zones of phone numbers: the digits after the plus sign, then the IANA zones that use them.
# Source: libphonenumber {version}, https://github.com/google/libphonenumber, by way of the PyPI
# package phonenumbers {version}. Copyright (C) 2011-2026 The Libphonenumber Authors.
# Licence: Apache-2.0, http://www.apache.org/licenses/LICENSE-2.0
# Changed by phone_time_zones.py: zones have their present names; prefixes that say nothing new, the
# area codes in nanp_area_codes.txt, and zones that keep the clock of a neighbor are left out;
# Ireland is corrected. Sorted by bytes, which the lookup relies on.
"""


AREA_CODES = {
    "1" + line.split("|")[0]
    for line in Path(__file__).with_name("nanp_area_codes.txt").read_text("ascii").splitlines()
    if not line.startswith("#")
}


def zones(prefix):
    named = CORRECTED.get(prefix, TIMEZONE_DATA[prefix])
    named = {RENAMED.get(zone, zone) for zone in named}
    return sorted(zone for zone in named if SAME_CLOCK.get(zone) not in named)


def says_something_new(prefix):
    shorter = (prefix[:length] for length in range(len(prefix) - 1, 0, -1))
    inherited = next((known for known in shorter if known in TIMEZONE_DATA), None)
    return inherited is None or zones(inherited) != zones(prefix)


prefixes = sorted(p for p in TIMEZONE_DATA if p[:4] not in AREA_CODES and says_something_new(p))
lines = (f"{prefix}|{'&'.join(zones(prefix))}\n" for prefix in prefixes)
header = HEADER.format(version=version("phonenumbers"))
Path(__file__).with_suffix(".txt").write_text(header + "".join(lines), encoding="ascii")
