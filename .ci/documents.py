"""Holds the documents against the template and the code.

What a reader looks up by name must be there under that name, and nothing else: alarms, parameters,
variables, metrics, log messages and codes; and the count of verified rules. Commands must be such
that they can be pasted. Links and anchors are rumdl's (.rumdl.toml).

Usage: translate.py template.yaml | documents.py
"""

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

OPERATIONS = "docs/operations.md"
CONFIGURATION = "docs/configuration.md"
TROUBLESHOOTING = "docs/troubleshooting.md"
LAW = "docs/law.md"
RULES = "shared/outbound/data/law/jurisdictions.toml"

# What a message must have in common with a text in the code: shorter pieces prove nothing.
PIECE_MIN = 8
# Texts that another program prints, or that are put together of smaller ones.
ELSEWHERE = ["Blocking waiting for file lock", "Secrets Manager failed"]
# The name of a variable of ours: those of the AWS SDK are AWS's to explain.
NAME = r"(?!AWS_)(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{6,})"


def spans(text):
    """The code spans of a text, those of fenced blocks left out."""
    return re.findall(r"`([^`]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.S | re.M))


def section(document, heading):
    """What stands below a heading, down to the next one of its rank or above."""
    rank = len(heading.split()[0])
    match = re.search(rf"^{re.escape(heading)}$(.*?)(?=^#{{1,{rank}}} |\Z)", document, re.M | re.S)
    if match is None:
        sys.exit(f"there is no section {heading!r}")
    return match[1]


def rows(text):
    """The rows of all tables, each a list of cells, without their heads."""
    lines = text.splitlines()
    for index, line in enumerate(lines):
        is_head = index + 1 < len(lines) and re.match(r"\|[-| :]+\|$", lines[index + 1])
        if line.startswith("|") and not is_head and not re.match(r"\|[-| :]+\|$", line):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def differences(what, wanted, found):
    """Names that only one side has."""
    missing = [f"{what} {name} is not documented" for name in sorted(set(wanted) - set(found))]
    return missing + [f"there is no {what} {name}" for name in sorted(set(found) - set(wanted))]


def alarms(resources, operations):
    """Each alarm has one anchor, and its description leads there."""
    alarms = {n: r for n, r in resources.items() if r["Type"] == "AWS::CloudWatch::Alarm"}
    anchors = re.findall(r'<a id="(\w+)"></a>', operations)
    problems = differences("alarm", alarms, anchors)
    problems += [f"{name} has two anchors" for name in set(anchors) if anchors.count(name) > 1]
    for name, alarm in alarms.items():
        if f"{OPERATIONS}#{name}" not in json.dumps(alarm["Properties"].get("AlarmDescription")):
            problems.append(f"{name}: its description does not name {OPERATIONS}#{name}")
    return problems


def parameters(declared, configuration):
    """Each parameter has a row with its default."""
    documented = {spans(row[0])[0]: row[1] for row in rows(section(configuration, "## Parameters"))}
    problems = differences("parameter", declared, documented)
    for name, parameter in declared.items():
        default = parameter.get("Default")
        shown = {None: "required", "": "empty"}.get(default, f"`{default}`")
        if documented.get(name, shown) != shown:
            problems.append(f"{name}: its default is {shown}, not {documented[name]}")
    return problems


def variables(resources, code, configuration):
    """Each variable has a row, and each row is read by the code."""
    functions = [r for r in resources.values() if r["Type"] == "AWS::Lambda::Function"]
    wanted = {n for f in functions for n in f["Properties"]["Environment"]["Variables"]}
    wanted |= set(re.findall(rf'(?:required|optional|required_secret)\(\s*"({NAME})"', code))
    tables = section(configuration, "## Environment variables")
    found = {n for row in rows(tables) for n in spans(row[0]) if re.fullmatch(NAME, n)}
    read = set(re.findall(rf'"({NAME})"', code))
    paths = {name for name in found if name.startswith("CXONE_PATH_")}
    return differences("variable", wanted | (found & read), found - paths)


def metrics(resources, code, operations):
    """Each metric that is written, or made of the log, has a row."""
    filters = [r for r in resources.values() if r["Type"] == "AWS::Logs::MetricFilter"]
    made = [t["MetricName"] for f in filters for t in f["Properties"]["MetricTransformations"]]
    written = re.findall(r"^    (?:pub\S* )?(\w+): (?:Timer|Option<(?:u64|Duration)>)", code, re.M)
    found = [name for row in rows(section(operations, "## Metrics")) for name in spans(row[0])]
    return differences("metric", [*written, *made], found)


def messages(code):
    """What the code logs as warnings and errors: the last text of a call that has words."""
    calls = re.findall(r"\b(?:warn|error)!\((.*?)\);", code, re.S)
    literals = [re.findall(r'"((?:[^"\\]|\\.)*)"', call) for call in calls]
    worded = [[text for text in texts if re.search(r"\w \w", text)] for texts in literals]
    return {texts[-1] for texts in worded if texts}


def logs(code, troubleshooting):
    """Each message is explained, and what is explained is a message or another text of the code."""
    shown = [span for row in rows(troubleshooting) for span in spans(row[0])]
    problems = [f"log message {m!r} is not explained" for m in sorted(messages(code) - set(shown))]
    for text in sorted(set(shown)):
        # What varies is not in the code: numbers, and what an ellipsis stands for.
        pieces = re.split(r"…|\d+|^[Ee]rror: |\(\w+\)", text)
        pieces = {piece.strip(" :,.") for piece in pieces if len(piece) >= PIECE_MIN}
        pieces = {piece for piece in pieces if " " in piece} - set(ELSEWHERE)
        problems += [f"{piece!r} is nowhere in the code" for piece in pieces if piece not in code]
    return problems


def codes(code, pages):
    """Each code of a problem or a dead letter is explained somewhere."""
    used = set(re.findall(r'(?:dead_letter|Reason::new|Problem::\w+)\(\s*"([a-z]+(?:_[a-z]+)+)"', code))
    explained = {span for page in pages for span in spans(page)}
    return [f"code {name} is not explained" for name in sorted(used - explained)]


def law(rules, page):
    """How many rules are verified, and for which countries, is as the data has it."""
    count = Counter(rule["confidence"] for rule in rules)
    *others, last = sorted({r["code"][:2] for r in rules if r["confidence"] != "unverified"})
    wanted = [
        f"Of {len(rules)} rules {count['official']} rest on an official source,",
        f"{count['secondary']} on a secondary one",
        f"{count['unverified']} are unverified",
        f"verified rules for {', '.join(others)} and {last};",
    ]
    text = " ".join(page.split())
    return [f"{LAW} lacks {part!r}" for part in wanted if part not in text]


def paths(page, exists):
    """Each file of the repository that is named is there."""
    named = {span for span in spans(page) if re.fullmatch(r"(shared|functions|tests|\.ci)/[\w./-]+", span)}
    return [f"there is no file {name}" for name in sorted(named) if not exists(name)]


def commands(page):
    """Each shell command is one that a shell can read, without a placeholder that it would run."""
    for block in re.findall(r"^( *)```sh\n(.*?)^ *```", page, re.S | re.M):
        script = re.sub(rf"^{block[0]}", "", block[1], flags=re.M)
        read = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
        if read.returncode:
            yield f"{read.stderr.strip()} in:\n{script}"
        for placeholder in re.findall(r"(?<!['\"])<[A-Za-z][\w ]*>", script):
            yield f"{placeholder} would redirect"


def production(root, patterns=("functions/*/src", "shared/*/src", "operator/src", "tests/sandbox/src")):
    """The code that is deployed or run by a reader, without its tests."""
    found = [path for pattern in patterns for path in sorted(root.glob(pattern))]
    files = [file for path in found for file in ([path] if path.is_file() else path.rglob("*.rs"))]
    tests = {file for path in found for file in path.rglob("tests/**/*.rs")}
    files = [file for file in files if file.name != "tests.rs" and file not in tests]
    texts = [file.read_text("utf-8").split("#[cfg(test)]\nmod tests {")[0] for file in files]
    return re.sub(r"\\\n\s*", "", "\n".join(texts))


def main():
    template = json.load(sys.stdin)
    resources, root = template["Resources"], Path(".")
    code = production(root)
    telemetry = production(root, ["shared/platform/src/telemetry*"])
    operations, configuration, troubleshooting = (
        (root / page).read_text("utf-8") for page in (OPERATIONS, CONFIGURATION, TROUBLESHOOTING)
    )
    files = [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("functions/*/README.md")]
    pages = [file.read_text("utf-8") for file in files]
    rules = tomllib.loads((root / RULES).read_text("utf-8"))["rule"]
    problems = [
        *alarms(resources, operations),
        *parameters(template["Parameters"], configuration),
        *variables(resources, code, configuration),
        *metrics(resources, telemetry, operations),
        *logs(code, troubleshooting),
        *codes(code, pages),
        *law(rules, (root / LAW).read_text("utf-8")),
        *(problem for page in pages for problem in paths(page, lambda name: (root / name).exists())),
        *(problem for page in pages for problem in commands(page)),
    ]
    print("\n".join(problems) or f"{len(pages)} pages hold")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
