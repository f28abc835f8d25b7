"""The simulated CXone of the sandbox, and its receiver of reports."""

import contextlib
import json
import re

from failure import Failure
from programs import request, running, wait_for_start


class Simulator:
    """CXone, and the receiver of campaigns' reports, as the sandbox has them."""

    ADDRESS = re.compile(r"^(cxone|receiver) +(http://\S+)", re.MULTILINE)

    def __init__(self, folder):
        self.log = folder / "sandbox.log"
        self.cxone = self.receiver = None

    @contextlib.contextmanager
    def running(self):
        with running([".ci/sandbox", "serve", "--journey"], self.log) as program:
            # It builds the functions, too, as it always does.
            addresses = wait_for_start(program, self.log, self._addresses, 3600)
            self.cxone, self.receiver = addresses["cxone"], addresses["receiver"]
            yield

    def _addresses(self):
        found = dict(self.ADDRESS.findall(self.log.read_text()))
        return found if len(found) == 2 else None

    def state(self):
        return json.loads(request(f"{self.cxone}/simulator/state")[1])

    def reports(self):
        return json.loads(request(f"{self.receiver}/deliveries")[1])

    def now(self):
        return json.loads(request(f"{self.cxone}/simulator/clock")[1])["now"]

    def advance(self, seconds):
        self._set("clock", {"advanceSeconds": seconds})

    def let_fail(self, fault):
        self._set("faults", [fault])

    def _set(self, control, value):
        url = f"{self.cxone}/simulator/{control}"
        headers = {"content-type": "application/json"}
        status, said = request(url, "POST", json.dumps(value).encode(), headers)
        if status != 200:
            raise Failure(f"POST {url}: {status} {said.decode()}")
