"""Programs that run beside the test: started, waited for, and ended whatever happens."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from failure import Failure, Unreachable

GRACE = 20  # seconds a program has to end by itself


@contextlib.contextmanager
def running(command, log, environment=None):
    """Runs a program, with its output in a file, until the block is left. It must not end before."""
    with log.open("w") as output:
        # In a group of its own, with all it starts: none of it is left behind.
        program = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    try:
        yield program
    except Unreachable as error:
        if program.poll() is None:
            raise
        raise Failure(f"{log.read_text()}\n{log.stem} has ended: {program.returncode}") from error
    finally:
        _end(program)


def _end(program):
    with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(program.pid, signal.SIGTERM)
        program.wait(GRACE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


def wait_for_start(program, log, condition, seconds):
    """What the condition returns as soon as that is true. A program that ends has failed."""

    def has_come_up():
        if program.poll() is not None:
            raise Failure(f"{log.read_text()}\n{log.stem} has ended: {program.returncode}")
        return condition()

    return wait_for(f"{log.stem} starts", has_come_up, seconds)


def wait_for(what, condition, seconds):
    """What the condition returns as soon as that is true."""
    gives_up_at = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > gives_up_at:
            raise Failure(f"{what}: not within {seconds} s")
        time.sleep(0.2)
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def request(url, method="GET", body=None, headers=()):
    """Status and body of the answer, whatever the status is."""
    asked = urllib.request.Request(url, body, dict(headers), method=method)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError as error:
        raise Unreachable(f"{method} {url}: {error}") from error
