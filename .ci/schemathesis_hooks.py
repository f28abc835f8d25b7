"""What the document cannot say."""

import random
from datetime import datetime, timedelta, timezone

import schemathesis

CHANCE = random.Random(20260302)
KNOWN = {
    "phoneNumber": ["(212) 555-0120", "+44 20 7946 0018", "tel:+1-202-555-0198", "+61 2 5550 1234"],
    "language": ["en", "EN-us", "de", "fr-CA", "zh-Hant-TW", "x-private", "i-klingon"],
    "timezone": ["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Etc/GMT+5", "", None],
}


def is_good(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


@schemathesis.hook
def before_call(context, case, kwargs):
    """Puts in times that depend on the clock, and texts that are looked up. Without that hardly
    anything would get past the first check."""
    if not is_good(case) or not isinstance(case.body, dict):
        return
    if case.path == "/callbacks":
        start = datetime.now(timezone.utc) + timedelta(minutes=CHANCE.randint(-50, 40_000))
        end = start + timedelta(minutes=CHANCE.randint(60, 240))
        case.body |= {"requestedStart": start.isoformat(), "requestedEnd": end.isoformat()}
        case.body |= {
            field: CHANCE.choice(values) for field, values in KNOWN.items() if CHANCE.random() < 0.8
        }
    elif case.path == "/webhook/opt-out" and CHANCE.random() < 0.8:
        case.body["data"]["phoneNumber"] = f"+1202555{CHANCE.randint(100, 199):04}"


@schemathesis.check
def only_interactions_that_cannot_be_read_are_dead_lettered(context, response, case):
    if case.path == "/webhooks/cxone" and response.status_code == 200:
        is_kept = response.json()["status"] == "dead_lettered"
        assert is_kept != is_good(case), "it does not match the schema, or it can be read"
