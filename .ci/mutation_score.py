"""Prints what cargo-mutants found, and fails if less than nine tenths of the mutants were caught.

Arguments: the files `outcomes.json` of one or more runs.
"""

import json
import sys
from collections import Counter

SCORE_MIN = 0.9


def main(paths):
    counts = Counter()
    survivors = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            outcomes = json.load(file)["outcomes"]
        for outcome in outcomes:
            if outcome["scenario"] == "Baseline":
                continue
            counts[outcome["summary"]] += 1
            if outcome["summary"] == "MissedMutant":
                survivors.append(outcome["scenario"]["Mutant"]["name"])
    caught = counts["CaughtMutant"] + counts["Timeout"]
    tested = caught + counts["MissedMutant"]
    print(*survivors, sep="\n")
    print(
        f"{tested} mutants: {counts['CaughtMutant']} caught, {counts['Timeout']} timed out, "
        f"{counts['MissedMutant']} survived; {counts['Unviable']} did not compile"
    )
    return caught >= SCORE_MIN * tested


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
