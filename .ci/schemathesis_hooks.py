"""Puts into made-up callbacks what the document cannot say: times that depend on the clock, and
texts that are looked up. Without that hardly any would get past the first check."""

import random
from datetime import datetime, timedelta, timezone

import schemathesis

CHANCE = random.Random(20260302)
KNOWN = {
    "phoneNumber": ["(212) 555-0120", "+44 20 7946 0018", "tel:+1-202-555-0198", "+61 2 5550 1234"],
    "language": ["en", "EN-us", "de", "fr-CA", "zh-Hant-TW", "x-private", "i-klingon"],
    "timezone": ["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Etc/GMT+5", "", None],
}


@schemathesis.hook
def before_call(context, case, kwargs):
    is_good = case.meta is not None and case.meta.generation.mode.is_positive
    if not is_good or case.path != "/callbacks" or not isinstance(case.body, dict):
        return
    start = datetime.now(timezone.utc) + timedelta(minutes=CHANCE.randint(-50, 40_000))
    case.body["requestedStart"] = start.isoformat()
    case.body["requestedEnd"] = (start + timedelta(minutes=CHANCE.randint(60, 240))).isoformat()
    for field, values in KNOWN.items():
        if CHANCE.random() < 0.8:
            case.body[field] = CHANCE.choice(values)
