#!/usr/bin/env python3
"""Writes phone_oracle.txt anew: what Google's libphonenumber reads in thousands of texts.

    pip install phonenumbers==9.0.43 && python3 phone_oracle.py

Another sample, for a check against numbers that nobody has seen:

    python3 phone_oracle.py --seed 7 --numbers 40 --output /tmp/phone_oracle.txt

The tests compare E164::parse with this table. Texts that libphonenumber is known to misread, such as
a number with a word behind it, are not in it: the tests name those one by one.
"""

import argparse
import json
import random
import re
import unicodedata
from importlib.metadata import version
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneNumberFormat as Format
from phonenumbers import PhoneNumberType as Type
from phonenumbers.tzdata import TIMEZONE_DATA

DEFAULT_REGIONS = ["US", "GB", "DE", "BR", "IT", "JP"]
WORLD = phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY
SEPARATORS = [" ", "-", ".", "", "\u00a0", "\u2011", "\u2013", "\u202f", "\u2009", " - ", "\u3000"]
INVISIBLE = ["\u200b", "\u200e", "\u202c", "\u2060", "\ufeff", "\u00ad"]
DIGITS = ["\uff10", "\u0660", "\u06f0", "\u0966", "\u0e50"]
EXTENSIONS = [" ext. 7", ";ext=42", " x123", " extension 5", ",,12#", " (ext 9)", "#4"]
WORDS = ["1-800-FLOWERS", "+1 800 PET MEDS", "1-888-4-A-CHILD", "0800 FLOWERS", "+44 800 FLOWERS"]
HEADER = """\
# What Google's libphonenumber {version} reads (PyPI package phonenumbers {version}), seed {seed}.
# Copyright (C) 2009-2026 The Libphonenumber Authors. Licence: Apache-2.0.
# Written by phone_oracle.py. First numbers that read as themselves in every default region, under
# the region they belong to (@); then `default region|text|number`, where * is every default region
# and - is no valid number, with characters beyond ASCII escaped as in JSON; then the time zones of
# the area codes in nanp_area_codes.txt.
"""


def e164(number):
    return phonenumbers.format_number(number, Format.E164)


def plain(text):
    """A text in characters that libphonenumber knows: it refuses most spaces and marks of Unicode."""
    text = "".join(mark for mark in text if unicodedata.category(mark) != "Cf")
    return re.sub(r"\s", " ", text)


def reading(text, region):
    """The number in E.164, or - for none. libphonenumber does not know that the zero in (0) is not
    dialed from abroad, so it reads both, and if both are numbers the text says neither."""
    text = plain(text)
    numbers = {plain_reading(option, region) for option in (text, text.replace("(0)", ""))} - {"-"}
    return numbers.pop() if len(numbers) == 1 else "-"


def plain_reading(text, region):
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return "-"
    return e164(number) if phonenumbers.is_valid_number(number) else "-"


def examples():
    """Every example number of every region and type."""
    types = [value for name, value in vars(Type).items() if name.isupper()]
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in types:
            number = phonenumbers.example_number_for_type(region, kind)
            if number:
                yield region, e164(number)
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        yield WORLD, e164(phonenumbers.example_number_for_non_geo_entity(code))


def generated(dice, seeds, wanted):
    """Valid numbers that differ from the examples in some digits, and sometimes in length."""
    found = set()
    for _ in range(wanted * 60):
        if len(found) == wanted:
            break
        digits = list(dice.choice(seeds))
        for _ in range(dice.randint(1, 6)):
            digits[dice.randrange(2, len(digits))] = dice.choice("0123456789")
        text = "".join(digits)
        text = dice.choice([text, text, text, text[:-1], text + dice.choice("0123456789")])
        if text not in seeds and reading(text, None) == text:
            found.add(text)
    return sorted(found)


def regrouped(dice, text):
    """The same digits with other marks between them, and some that cannot be seen."""
    separator = dice.choice(SEPARATORS)
    text = re.sub(r"(?<=\d)[ -]+(?=\d)", separator, text)
    if dice.random() < 0.2:
        at = dice.randrange(len(text))
        text = text[:at] + dice.choice(INVISIBLE) + text[at:]
    if dice.random() < 0.15:
        zero = ord(dice.choice(DIGITS))
        text = re.sub(r"[0-9]", lambda digit: chr(zero + int(digit[0])), text)
    if dice.random() < 0.1:
        text = text.replace("+", "\uff0b")
    if dice.random() < 0.15:
        text += dice.choice(EXTENSIONS)
    return dice.choice(["", "", "", " ", "tel:", "Tel: "]) + text


def bracketed(text):
    """The group after the country code in brackets."""
    return re.sub(r"^(\+\d+ )(\d+)(?= )", r"\1(\2)", text)


def spellings(dice, text):
    """How a valid number may be written, each with the regions in which it is."""
    number = phonenumbers.parse(text, None)
    home = phonenumbers.region_code_for_number(number)
    international = phonenumbers.format_number(number, Format.INTERNATIONAL)
    yield ["*"], regrouped(dice, international)
    yield ["*"], dice.choice([
        international,
        bracketed(international),
        phonenumbers.format_number(number, Format.RFC3966),
        regrouped(dice, bracketed(international)),
        re.sub(r"^(\+\d+ )", r"\1(0)", international),
    ])
    abroad = dice.choice(DEFAULT_REGIONS)
    yield [abroad], phonenumbers.format_out_of_country_calling_number(number, abroad)
    bare = dice.choice([text[1:], phonenumbers.national_significant_number(number)])
    yield [dice.choice(DEFAULT_REGIONS)], bare
    if home != WORLD:
        national = phonenumbers.format_number(number, Format.NATIONAL)
        yield [home], dice.choice([national, regrouped(dice, national)])
        yield [home], bare


def damaged(dice, text):
    """A number that is probably no longer one."""
    at = dice.randrange(1, len(text))
    return dice.choice([
        text[:at],
        text[:at] + text[at + 1 :],
        text + "".join(dice.choices("0123456789", k=dice.randint(1, 5))),
        "+" + "".join(dice.choices("0123456789", k=dice.randint(3, 16))),
    ])


def rows(texts):
    """The texts with what is read in them, each once."""
    for regions, text in texts:
        if regions == ["*"]:
            read = {region: reading(text, region) for region in DEFAULT_REGIONS}
            if len(set(read.values())) == 1:
                yield f"*|{escaped(text)}|{read['US']}"
                continue
            regions = DEFAULT_REGIONS
        for region in regions:
            yield f"{region}|{escaped(text)}|{reading(text, region)}"


def escaped(text):
    return json.dumps(text)[1:-1]


def area_code_zones():
    """All zones of an area code, or none."""
    for line in Path(__file__).with_name("nanp_area_codes.txt").read_text("ascii").splitlines():
        if not line.startswith("#"):
            code = line.split("|")[0]
            named = [TIMEZONE_DATA[key] for key in TIMEZONE_DATA if key.startswith(f"1{code}")]
            yield f"zones {code}|{'&'.join(sorted(set().union(*named)))}\n"


def table(seed, count):
    dice = random.Random(seed)
    known = sorted({number for _, number in examples()})
    fresh = generated(dice, known, count)
    by_region = {}
    for number in known + fresh:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
        assert all(reading(number, default) == number for default in DEFAULT_REGIONS), number
        by_region.setdefault(region, []).append(number)
    texts = [([region], word) for word in WORDS for region in DEFAULT_REGIONS]
    for number in known[::2] + fresh[::8]:
        texts.extend(spellings(dice, number))
    texts.extend((["*"], damaged(dice, number)) for number in known + fresh[::8])
    yield HEADER.format(version=version("phonenumbers"), seed=seed)
    for region in sorted(by_region):
        yield f"@{region}\n"
        yield from (f"{number}\n" for number in sorted(by_region[region]))
    yield from (f"{row}\n" for row in sorted(set(rows(texts))))
    yield from area_code_zones()


arguments = argparse.ArgumentParser()
arguments.add_argument("--seed", type=int, default=1)
arguments.add_argument("--numbers", type=int, default=4000, help="generated numbers")
arguments.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".txt"))
arguments = arguments.parse_args()
arguments.output.write_text("".join(table(arguments.seed, arguments.numbers)), encoding="ascii")
