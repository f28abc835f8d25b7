#!/usr/bin/env python3
"""Writes places.txt, zones.txt and us_zip_prefixes.txt anew.

    pip install tzdata==2026.6 zipcodes==3.0.0 && python3 geography.py

Only needed to bring the data up to date. The build reads the text files alone.
"""

from collections import defaultdict
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import zipcodes

HERE = Path(__file__).parent
AREA_CODES = HERE.parent / "nanp_area_codes.txt"
TZ = files("tzdata") / "zoneinfo"

# Parts of a country that ISO 3166-1 lists as countries of their own. Their laws are those of the
# country, so they are subdivisions here.
TERRITORIES = {
    "AS": "US-AS", "GU": "US-GU", "MP": "US-MP", "PR": "US-PR", "VI": "US-VI",
    "BL": "FR-BL", "GF": "FR-973", "GP": "FR-971", "MF": "FR-MF", "MQ": "FR-972",
    "RE": "FR-974", "YT": "FR-976",
}

# Zones that are named after a clock, not after a place.
PLACELESS = {
    "CET", "CST6CDT", "EET", "EST", "EST5EDT", "Factory", "GMT", "GMT+0", "GMT-0", "GMT0",
    "Greenwich", "HST", "MET", "MST", "MST7MDT", "PST8PDT", "UCT", "UTC", "Universal", "WET",
    "Zulu",
}

# Zones within a state or province that no area code is listed with: those of zone.tab's comments.
FURTHER = {
    "America/Anchorage": ["US-AK"], "America/Atikokan": ["CA-ON", "CA-NU"],
    "America/Blanc-Sablon": ["CA-QC"], "America/Cambridge_Bay": ["CA-NU"],
    "America/Dawson": ["CA-YT"], "America/Detroit": ["US-MI"], "America/Glace_Bay": ["CA-NS"],
    "America/Indiana/Indianapolis": ["US-IN"], "America/Indiana/Knox": ["US-IN"],
    "America/Indiana/Marengo": ["US-IN"], "America/Indiana/Petersburg": ["US-IN"],
    "America/Indiana/Tell_City": ["US-IN"], "America/Indiana/Vevay": ["US-IN"],
    "America/Indiana/Vincennes": ["US-IN"], "America/Indiana/Winamac": ["US-IN"],
    "America/Inuvik": ["CA-NT"], "America/Iqaluit": ["CA-NU"], "America/Juneau": ["US-AK"],
    "America/Kentucky/Louisville": ["US-KY"], "America/Kentucky/Monticello": ["US-KY"],
    "America/Menominee": ["US-MI"], "America/Metlakatla": ["US-AK"], "America/Moncton": ["CA-NB"],
    "America/Nome": ["US-AK"], "America/North_Dakota/Beulah": ["US-ND"],
    "America/North_Dakota/Center": ["US-ND"], "America/North_Dakota/New_Salem": ["US-ND"],
    "America/Rankin_Inlet": ["CA-NU"], "America/Resolute": ["CA-NU"], "America/Sitka": ["US-AK"],
    "America/Swift_Current": ["CA-SK"], "America/Yakutat": ["US-AK"],
}

# Other names of zones that tzdata.zi links to a zone abroad with the same clock.
MERGED = {
    "Africa/Asmera": "Africa/Asmara", "Africa/Timbuktu": "Africa/Bamako",
    "America/Coral_Harbour": "America/Atikokan", "America/Virgin": "America/St_Thomas",
    "Atlantic/Jan_Mayen": "Arctic/Longyearbyen", "Iceland": "Atlantic/Reykjavik",
    "Pacific/Johnston": "Pacific/Wake", "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk", "Pacific/Yap": "Pacific/Chuuk",
}

# What USPS delivers to abroad has a ZIP code, too.
ARMED_FORCES = {"AA", "AE", "AP"}
FREELY_ASSOCIATED = {"FM", "MH", "PW"}


def rows(name):
    for line in TZ.joinpath(name).read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def country_zones():
    """Code -> zones, for countries and for territories as subdivisions."""
    found = defaultdict(set)
    for code, _, zone, *_ in rows("zone.tab"):
        if zone.startswith("Antarctica/"):
            continue
        found[TERRITORIES.get(code, code)].add(zone)
    return found


def links():
    """Zone -> the zone it is another name of."""
    for line in TZ.joinpath("tzdata.zi").read_text().splitlines():
        if line.startswith("L "):
            _, target, name = line.split()
            if name not in PLACELESS and not name.startswith(("Antarctica/", "Etc/")):
                yield name, MERGED.get(name, target)


def area_code_zones():
    for line in AREA_CODES.read_text().splitlines():
        if line and not line.startswith("#"):
            states, zones = line.split("|")[1:3]
            for state in states.split("+"):
                yield state, zones.split("&")


def places():
    found = country_zones()
    for state, zones in area_code_zones():
        found[state].update(zones)
    return found


def write_places(found):
    further = defaultdict(set)
    for zone, states in FURTHER.items():
        for state in states:
            if zone not in found[state]:
                further[state].add(zone)
    lines = [f"{code}|={place}" for code, place in TERRITORIES.items()]
    for code, zones in found.items():
        extra = f"|{'&'.join(sorted(further[code]))}" if further[code] else ""
        lines.append(f"{code}|{'&'.join(sorted(zones))}{extra}")
    write("places.txt", f"""\
# Countries (ISO 3166-1) and subdivisions (ISO 3166-2): the IANA zones of their people, then zones
# within them that show the same clocks. `=` names the code under which a territory is kept.
# Source: IANA time zone database, zone.tab, as PyPI's tzdata {version("tzdata")} has it (public
# domain); zones of states and provinces from ../nanp_area_codes.txt. Written by geography.py.
# Sorted by bytes, which the lookup relies on.
""", lines)


def write_zones(found):
    homes = defaultdict(set)
    for code, zones in found.items():
        for zone in zones:
            homes[zone].add(code)
    for zone, states in FURTHER.items():
        homes[zone].update(states)
    for name, target in links():
        homes.setdefault(name, homes[target])
    lines = []
    for zone, codes in homes.items():
        divided = {code[:2] for code in codes if "-" in code}
        kept = sorted(code for code in codes if "-" in code or code not in divided)
        lines.append(f"{zone}|{'&'.join(kept)}")
    write("zones.txt", f"""\
# IANA zones, other names included: the countries, states and provinces whose people live by them.
# A zone that is not here has no place: UTC, Etc/*, Antarctica/*, EST5EDT and their like.
# Source: IANA time zone database, zone.tab and tzdata.zi, as PyPI's tzdata {version("tzdata")} has
# it (public domain); zones of states and provinces from ../nanp_area_codes.txt. Written by
# geography.py. Sorted by bytes, which the lookup relies on.
""", lines)


def zip_place(state):
    if state in ARMED_FORCES:
        return None
    return state if state in FREELY_ASSOCIATED else f"US-{state}"


def write_zip_prefixes():
    states = defaultdict(set)
    for entry in zipcodes.list_all():
        if place := zip_place(entry["state"]):
            states[entry["zip_code"][:3]].add(place)
    lines = [f"{prefix}|{'&'.join(sorted(codes))}" for prefix, codes in states.items()]
    write("us_zip_prefixes.txt", f"""\
# The first three digits of US ZIP codes: the states that use them. Prefixes of the armed forces,
# which are everywhere, are left out.
# Source: PyPI's zipcodes {version("zipcodes")} (MIT). Written by geography.py.
# Sorted by bytes, which the lookup relies on.
""", lines)


def write(name, header, lines):
    ordered = sorted(lines, key=lambda line: line.partition("|")[0])
    (HERE / name).write_text(header + "".join(f"{line}\n" for line in ordered), "ascii")


if __name__ == "__main__":
    found = places()
    write_places(found)
    write_zones(found)
    write_zip_prefixes()
