"""Deploys the bundle with the SAM CLI into a local AWS, and sends it the sample events.

Usage: .ci/run deployment, which installs what this needs and runs
       python -B tests/deployment TRANSLATED MINISTACK [BUILT]

TRANSLATED is what .ci/translate.py prints, MINISTACK the command that starts MiniStack, and BUILT
a template that `sam build` has written; without it, the functions are built.
"""

import contextlib
import platform
import shutil
import signal
import sys
from pathlib import Path

import log
import repairs
import resources
import stack
from aftermath import aftermath
from failure import Failure
from journey import Player, judge, planned, why_left_out
from ministack import MiniStack
from simulator import Simulator
from template import Template
from tls import Front

# Apart from all else that is compiled, so that nobody deploys these functions by mistake.
TARGET = Path("target/deployment").absolute()
ARCHITECTURES = {"aarch64": "arm64", "x86_64": "x86_64"}
NOT_EMULATED = """
Not emulated:
  what roles and policies allow, encryption, throttling and memory are not enforced;
  functions run on this machine's operating system, not on Amazon Linux;
  alarms on expressions are deployed with a metric in their place;
  routes, times to live and the time in a schedule's input are set by the test, not by MiniStack."""


def main(translated, ministack_command, built=None):
    architecture = ARCHITECTURES[platform.machine()]
    built = Path(built) if built else stack.build(TARGET, architecture)
    folder = TARGET / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with contextlib.ExitStack() as running:
        front, simulator = Front(folder), Simulator(folder)
        ministack = MiniStack(folder, front.trusted)
        running.enter_context(front.running())
        running.enter_context(simulator.running())
        running.enter_context(ministack.running(ministack_command))

        deployed = stack.Stack(ministack)
        built = repairs.give_alarms_a_metric(built)
        deployed.deploy(built, architecture, front.of(simulator.cxone))
        template = Template(Path(translated), deployed, ministack.REGION)
        try:
            problems = check_resources(deployed, template)
            repairs.create_routes(deployed, template)
            repairs.let_items_expire(deployed, template)
            repairs.tell_schedules_the_time(deployed)
            repairs.let_webhooks_stay_here(deployed)
            log.check_that_schedules_fire(deployed)
            player = Player(deployed, ministack, simulator, front.of(simulator.receiver))
            problems += play(player, deployed, simulator)
            print(NOT_EMULATED)
            if problems:
                raise Failure("\n".join(problems))
        except Failure as failure:
            print(f"\nThe end of the functions' log:\n{log.tail(deployed, str(failure))}")
            print(f"\nWhat MiniStack says:\n{ministack.complaints()}")
            raise


def check_resources(deployed, template):
    """Prints how the resources compare with the template, and returns the differences."""
    differences, unseen = resources.check(deployed, template)
    print(f"\n{len(template.resources)} resources, {len(differences)} differences")
    print("Properties that MiniStack does not tell:")
    for kind, properties in sorted(unseen.items()):
        print(f"  {kind}: {', '.join(sorted(properties))}")
    return differences


def play(player, deployed, simulator):
    """Plays the journey, and has the sandbox judge it. Returns what was wrong."""
    steps = []
    for step in planned():
        if reason := why_left_out(step):
            print(f" -  {step['event']:<52} left out: {reason}")
        else:
            steps.append(step)
    replies = [player.send(step) for step in steps]
    player.wait_until_idle()
    player.end_campaigns()
    events = [step["event"] for step in steps]
    return judge(dict(zip(events, replies)), aftermath(deployed, simulator))


def interrupted(*_):
    sys.exit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupted)  # so that everything is stopped
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        sys.exit(f"\nFAILED\n{failure}")
