"""Fails when a row of the calling law was checked over a year ago, or lacks a source."""

import datetime
import sys
import tomllib

YEAR = datetime.timedelta(days=366)


def main(path):
    with open(path, "rb") as file:
        law = tomllib.load(file)
    today = datetime.date.today()
    problems = []
    for name, rows in law.items():
        for row in rows if isinstance(rows, list) else []:
            checked = row.get("checked", law["compiled"])
            title = f"{name} {row.get('code')} {row.get('rule', '')}".strip()
            if not row.get("source", "").strip():
                problems.append(f"{title}: has no source")
            if today - checked > YEAR:
                problems.append(f"{title}: last checked {checked}, over a year ago")
    for problem in problems:
        print(problem)
    print(f"{len(problems)} rows to mend")
    return 1 if problems else 0


sys.exit(main(sys.argv[1]))
