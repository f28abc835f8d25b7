"""What the functions logged. They have one log group, with a stream for each of their processes."""

import json
import re
from collections import defaultdict

from programs import wait_for

FRAME = re.compile(r"(START|END|REPORT) RequestId: ")  # what Lambda adds
FUNCTION = re.compile(r'"function":"([\w-]+)"')
UNKNOWN = "functions that did not get so far as to say their name"


def by_function(stack):
    """The lines of each function, in order."""
    pages = stack.client("logs").get_paginator("filter_log_events")
    pages = pages.paginate(logGroupName=stack.ids["FunctionLogs"])
    events = sorted((e for page in pages for e in page["events"]), key=lambda e: e["timestamp"])
    streams = defaultdict(list)
    for event in events:
        if not FRAME.match(event["message"]):
            streams[event["logStreamName"]].append((event["timestamp"], event["message"].strip()))
    functions = defaultdict(list)
    for lines in streams.values():
        named = FUNCTION.search("\n".join(line for _, line in lines))
        functions[named[1] if named else UNKNOWN] += lines
    return {name: [line for _, line in sorted(lines)] for name, lines in functions.items()}


def tail(stack, failure, count=10):
    """The last lines of the functions that a failure names, or of all, without what is only for
    machines."""
    functions = by_function(stack)
    named = [function for function in functions if function in failure] or list(functions)
    shown = []
    for function in named:
        shown += [f"-- {function}", *map(_for_people, functions[function][-count:])]
    return "\n".join(shown)


def _for_people(line):
    try:
        record = json.loads(line)
    except ValueError:
        return line
    if "_aws" not in record:
        return line
    return json.dumps({name: value for name, value in record.items() if name != "_aws" and value})


def check_that_schedules_fire(stack):
    """Waits for a poll. Nobody but the schedule asks for one before the journey begins."""

    def has_polled():
        return any('"polled"' in line for line in by_function(stack).get("analytics-poller", []))

    wait_for("the schedule of the poller fires", has_polled, 150)
    print("The schedule of the poller fired by itself.\n", flush=True)
