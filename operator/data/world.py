#!/usr/bin/env python3
"""Writes places.txt and land.js anew: what the console's map is drawn from.

    npm install world-atlas@2.0.2 && pip install tzdata==2026.6 zipcodes==3.0.0
    export PYTHONPATH=../../shared/outbound/data/law
    python3 world.py node_modules/world-atlas/land-110m.json

Only needed to bring the data up to date. `.ci/run console` compares.
"""

import json
import re
import sys
from importlib.metadata import version
from pathlib import Path

from geography import links, rows

HERE = Path(__file__).parent
WORLD_ATLAS = "world-atlas 2.0.2"
HALF = 1800  # half of the world's width, in tenths of a degree
SOUTH = -600  # Antarctica is left out: no zone there is called


def degrees(written, whole):
    """+404251 or +4042, with two or three digits of whole degrees."""
    sign, digits = -1 if written[0] == "-" else 1, written[1:]
    parts = digits[:whole], digits[whole:whole + 2], digits[whole + 2:] or "0"
    return sign * sum(int(part) / 60**at for at, part in enumerate(parts))


def places():
    found = {}
    for _, position, zone, *_ in rows("zone.tab"):
        if not zone.startswith("Antarctica/"):
            latitude, longitude = re.fullmatch(r"([+-]\d+)([+-]\d+)", position).groups()
            found[zone] = degrees(longitude, 3), degrees(latitude, 2)
    for name, target in links():
        found.setdefault(name, found[target])
    return found


def write_places():
    lines = [f"{zone} {x:.1f} {y:.1f}\n" for zone, (x, y) in sorted(places().items())]
    (HERE / "places.txt").write_text(f"""\
# Zones of the IANA time zone database, each with longitude and latitude of the place it is named
# after, in degrees. Source: zone.tab and tzdata.zi, as PyPI's tzdata {version("tzdata")} has
# them (public domain). Written by world.py.
""" + "".join(lines), "ascii")


def arc(topology, number):
    """The points of an arc in tenths of a degree, y downwards; ~number is the arc backwards."""
    (kx, ky), (x0, y0) = topology["transform"]["scale"], topology["transform"]["translate"]
    x = y = 0
    points = []
    for dx, dy in topology["arcs"][number if number >= 0 else ~number]:
        x, y = x + dx, y + dy
        points.append((round(10 * (kx * x + x0)), -round(10 * (ky * y + y0))))
    return points if number >= 0 else points[::-1]


def rings(topology):
    """The outlines of the land. One that crosses the date line is there twice, west and east."""
    for shape in topology["objects"]["land"]["geometries"]:
        for polygon in shape["arcs"]:
            for ring in polygon:
                points = unwrapped([point for number in ring for point in arc(topology, number)])
                if min(-y for _, y in points) > SOUTH:
                    yield points
                    beyond = any(abs(x) > HALF for x, _ in points)
                    turn = -2 * HALF if max(x for x, _ in points) > HALF else 2 * HALF
                    if beyond:
                        yield [(x + turn, y) for x, y in points]


def unwrapped(points):
    """The same without jumps from one side of the world to the other."""
    steady = points[:1]
    for x, y in points[1:]:
        before = steady[-1][0]
        steady.append(((x - before + HALF) % (2 * HALF) - HALF + before, y))
    return steady


def path(points):
    steps, (x, y) = [], points[0]
    for at_x, at_y in points[1:]:
        if (at_x, at_y) != (x, y):
            steps.append(f"{at_x - x} {at_y - y}")
            x, y = at_x, at_y
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}z".replace(" -", "-")


def write_land(topology):
    outline = "\n".join(path(points) for points in rings(topology))
    (HERE / "land.js").write_text(f"""\
// The land of the world as an SVG path, in tenths of a degree: east is right, south is down.
// Source: Natural Earth's land at 1:110 million (public domain), as npm's {WORLD_ATLAS} (ISC)
// has it. Written by operator/data/world.py.
export const LAND = `{outline}`;
""", "ascii")


write_places()
write_land(json.loads(Path(sys.argv[1]).read_text()))
