"""Runs the commands of the documents that call the AWS CLI, against a sandbox.

Each shell block with such a command is run whole, in the environment that `cargo sandbox serve`
prints, and so is each command in a code span. What would change this machine or reach others does
nothing. Only what must differ here is replaced: the name of the stack, and names of secrets, which
each page stores for itself.

Usage: aws_commands.py FOLDER-OF-THE-AWS-CLI
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("functions/*/README.md"))]
# The last line of what the sandbox prints before it is ready.
READY = "cargo outbound status --sandbox"
STARTED_IN_SECONDS = 1800  # on a slow machine with nothing built

# `cargo outbound resource` is the command itself; the others would do what these tests are not for.
PRELUDE = """
set -euo pipefail
cargo() {
    if [[ "$1 $2" == "outbound resource" ]]; then shift; "$OUTBOUND" "$@"; fi
}
sam() { :; }
rustup() { :; }
curl() { :; }
jq() { cat; }
"""
FILES = {
    "cxone.json": '{"clientId": "id", "clientSecret": "secret"}',
    "webhook.json": '{"webhookSecrets": []}',
    "signing.json": '{"signingSecrets": []}',
    "samconfig.example.toml": "",
    "event.json": '{"time": "2026-03-02T10:00:00Z", "campaigns": []}',
}


def scripts(page):
    """The shell blocks and the code spans of a page that call the AWS CLI."""
    text = page.read_text()
    for indent, block in re.findall(r"^( *)```sh\n(.*?)^ *```", text, re.S | re.M):
        script = re.sub(rf"^{indent}", "", block, flags=re.M)
        if re.search(r"(^|[\s(])aws [a-z]", script):
            yield script
    spans = re.findall(r"`(aws [^`]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.S | re.M))
    # One without options only names an operation.
    yield from (span for span in spans if " --" in span)


def here(script, page):
    """The script of a page as it can be run in a sandbox that ran those of others."""
    script = re.sub(r"--stack-name \S+", "--stack-name sandbox", script)
    return script.replace("cxone-outbound/", f"{page.stem}/")


def start():
    """A sandbox that serves, and the environment that it prints."""
    sandbox = subprocess.Popen(
        [ROOT / ".ci/sandbox", "serve"], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    give_up = threading.Timer(STARTED_IN_SECONDS, end, [sandbox])
    give_up.start()
    lines = []
    for line in sandbox.stdout:
        lines.append(line)
        if line.strip() == READY:
            break
    else:
        sys.exit("the sandbox did not start")
    give_up.cancel()
    environment = "".join(line for line in lines if line.startswith(("export ", "aws() ")))
    gateway = next(line.split()[1] for line in lines if line.startswith("gateway"))
    return sandbox, gateway, environment


def end(sandbox):
    """Ends the sandbox, and what it has started."""
    os.killpg(sandbox.pid, signal.SIGTERM)
    sandbox.wait()


def main():
    sandbox, gateway, environment = start()
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "PATH": f"{sys.argv[1]}:{os.environ['PATH']}",
        "OUTBOUND": str((target / "debug/outbound").absolute()),
        "OUTBOUND_SANDBOX": gateway,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    number = 0
    try:
        for page in PAGES:
            for script in scripts(page):
                number += 1
                with tempfile.TemporaryDirectory() as folder:
                    for name, content in FILES.items():
                        Path(folder, name).write_text(content)
                    ran = subprocess.run(
                        ["bash", "-c", PRELUDE + environment + here(script, page)],
                        cwd=folder,
                        env=variables,
                        input="a secret\n",
                        capture_output=True,
                        text=True,
                        timeout=120,
                    )
                if ran.returncode:
                    sys.exit(f"{page.relative_to(ROOT)}:\n{script}\n{ran.stdout}{ran.stderr}")
                print(f"{page.relative_to(ROOT)}: {script.strip().splitlines()[0]} …")
    finally:
        end(sandbox)
    if number < 5:
        sys.exit(f"only {number} commands were found")


if __name__ == "__main__":
    main()
