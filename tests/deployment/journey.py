"""The journey of the sample events, played through the deployment."""

import json
import subprocess
from datetime import datetime

from failure import Failure
from programs import request, wait_for

# Where the samples say that campaigns are reported.
SAMPLE_RECEIVER = "https://hooks.example.com"
POLLER = "AnalyticsPollerFunction"
CLOCK_STEP = 10 * 60  # seconds that the clock goes forward between two polls
POLLS_MAX = 600


def planned():
    """The steps of `events/journey.yaml`, with what each sends."""
    told = subprocess.run([".ci/sandbox", "journey"], check=True, stdout=subprocess.PIPE)
    return json.loads(told.stdout)


def judge(replies, aftermath):
    """Prints the result of each step, and returns the problems. The sandbox judges its own journey
    by the same code."""
    print(flush=True)
    played = json.dumps({"replies": replies, "aftermath": aftermath})
    judged = subprocess.run([".ci/sandbox", "judge"], input=played.encode(), check=False)
    return ["not all events came out right"] if judged.returncode else []


def why_left_out(step):
    """What a step needs that is not there, if anything."""
    fault = step["fault"] or ""
    if fault.startswith("kill=") or fault[:1].isupper():
        return f"{fault} is not a fault of CXone, and MiniStack has none"
    return None


class Player:
    """Sends what the steps say, and takes campaigns to their end."""

    def __init__(self, stack, ministack, simulator, receiver):
        self._stack, self._simulator, self._receiver = stack, simulator, receiver
        self._lambda, self._sqs = stack.client("lambda"), stack.client("sqs")
        [api] = stack.client("apigatewayv2").get_apis()["Items"]
        self._gateway = ministack.url
        self._host = f"{api['ApiId']}.execute-api.localhost:{ministack.port}"

    def send(self, step):
        """Sends the event of a step and returns what the sender is told."""
        if step["fault"]:
            self._simulator.let_fail(step["fault"])
        [(kind, sent)] = step["sends"].items()
        return getattr(self, f"_send_{kind}")(sent)

    def _send_http(self, sent):
        headers = sent["headers"] | {"host": self._host}
        url = self._gateway + sent["path"]
        status, body = request(url, sent["method"], sent["body"].encode(), headers)
        try:
            answer = json.loads(body)
        except ValueError:
            return f"{status} {body[:200]}"
        words = (answer.get(field) for field in ("status", "code", "confirmation"))
        word = next((word for word in words if isinstance(word, str)), "")
        return f"{status} {word}"

    def _send_queue(self, sent):
        for body in sent["bodies"]:
            self._sqs.send_message(QueueUrl=self._stack.ids[sent["queue"]], MessageBody=body)

    def _send_schedule(self, sent):
        function = "".join(part.title() for part in sent["function"].split("-")) + "Function"
        answer = self._fire(function, sent["payload"])
        campaigns = answer.get("campaigns") or [answer]
        return campaigns[0].get("status")

    def _fire(self, function, event):
        """Invokes a function as its schedule does, by the clock of the simulator."""
        event = json.dumps(event | {"time": self._simulator.now()})
        answer = self._lambda.invoke(
            FunctionName=self._stack.ids[function],
            Payload=event.replace(SAMPLE_RECEIVER, self._receiver),
        )
        said = answer["Payload"].read()
        if "FunctionError" in answer:
            raise Failure(f"{function} failed: {said.decode()}")
        return json.loads(said)

    def wait_until_idle(self):
        """Waits until no message is on its way to a function."""
        for mapping in self._lambda.list_event_source_mappings()["EventSourceMappings"]:
            queue = mapping["EventSourceArn"].split(":")[-1]
            url = self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            wait_for(f"{queue} is emptied", lambda url=url: self._is_empty(url), 300)

    def _is_empty(self, url):
        states = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=states)
        return not any(int(count) for count in found["Attributes"].values())

    def end_campaigns(self):
        """Puts the clock forward and polls until every campaign has ended and been reported."""
        runs = self._stack.client("dynamodb")
        for _ in range(POLLS_MAX):
            items = runs.scan(TableName=self._stack.ids["RunsTable"])["Items"]
            pending = [int(run["first_start"]["N"]) for run in items if "pending" in run]
            if not pending:
                return
            now = datetime.fromisoformat(self._simulator.now()[:19] + "+00:00").timestamp()
            self._simulator.advance(CLOCK_STEP + max(0, int(min(pending) - now)))
            self._fire(POLLER, {})
        raise Failure(f"campaigns are still running after {POLLS_MAX} polls")
