"""Rules of this template that the linters do not know.

Usage: translate.py template.yaml | template_rules.py
"""

import json
import re
import sys

RETENTION_MAX = 14 * 24 * 60 * 60  # seconds that SQS keeps a message at most
MESSAGE_MAX = 1024 * 1024  # bytes that SQS takes at most; queues of old take a quarter

# Actions that may be allowed on all resources, and why.
WILDCARDS = {
    "xray:PutTraceSegments": "X-Ray knows no resources",
    "xray:PutTelemetryRecords": "X-Ray knows no resources",
}

# The metric that each event of a schedule writes, and no other event does: functions have several.
WRITTEN_BY = {
    "CampaignSchedulerFunctionSchedule": "campaigns_failed",
    "AnalyticsPollerFunctionSchedule": "campaigns_failed",
    "OutcomesSchedule": "outcomes_failed",
}
# Schedules whose work another one does as well, and which.
LOOKED_AFTER = {"SkillControlSchedule": "CampaignSchedulerFunctionSchedule"}

resources = json.load(sys.stdin)["Resources"]
problems = []


def of_type(kind):
    found = [(name, r) for name, r in resources.items() if r["Type"] == kind]
    if not found:
        problems.append(f"no {kind} found: there was nothing to check")
    return found


def target(value):
    """The logical id that a !Ref or !GetAtt points at."""
    return value.get("Ref") or value["Fn::GetAtt"][0]


def kebab(name):
    """A logical id as the name of a function has it."""
    return re.sub("(?<!^)([A-Z])", r"-\1", name).lower()


def listed(value):
    return value if isinstance(value, list) else [value]


dead_letters = {}  # queue -> its dead-letter queue
for queue, resource in of_type("AWS::SQS::Queue"):
    properties = resource["Properties"]
    if properties.get("MessageRetentionPeriod") != RETENTION_MAX:
        problems.append(f"{queue}: does not keep messages for 14 days")
    if properties.get("MaximumMessageSize") != MESSAGE_MAX:
        problems.append(f"{queue}: does not take the longest messages")
    if "KmsMasterKeyId" not in properties:
        problems.append(f"{queue}: is not encrypted with the key of the deployment")
    if "RedrivePolicy" in properties:
        own = target(properties["RedrivePolicy"]["deadLetterTargetArn"])
        if own in dead_letters.values():
            problems.append(f"{queue}: {own} also takes another queue's dead letters")
        dead_letters[queue] = own
    elif not queue.endswith("DeadLetterQueue"):
        problems.append(f"{queue}: has no dead-letter queue")

for name, resource in of_type("AWS::Lambda::EventSourceMapping"):
    mapping = resource["Properties"]
    queue = target(mapping["EventSourceArn"])
    timeout = resources[target(mapping["FunctionName"])]["Properties"].get("Timeout", 3)
    window = mapping.get("MaximumBatchingWindowInSeconds", 0)
    visibility = resources[queue]["Properties"].get("VisibilityTimeout", 30)
    if visibility < 6 * timeout + window:
        problems.append(
            f"{queue}: VisibilityTimeout {visibility} is less than "
            f"6 x {timeout} (function timeout) + {window} (batching window)"
        )
    if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
        problems.append(f"{name}: does not report partial failures")
    if "MaximumConcurrency" not in mapping.get("ScalingConfig", {}):
        problems.append(f"{name}: has no MaximumConcurrency")

# A table either forgets or is kept for good.
for table, resource in of_type("AWS::DynamoDB::Table"):
    properties = resource["Properties"]
    forgets = properties.get("TimeToLiveSpecification", {}).get("Enabled")
    recovery = properties.get("PointInTimeRecoverySpecification", {})
    is_kept = (
        recovery.get("PointInTimeRecoveryEnabled")
        and properties.get("DeletionProtectionEnabled")
        and resource.get("DeletionPolicy") == resource.get("UpdateReplacePolicy") == "Retain"
    )
    if not (forgets or is_kept):
        problems.append(
            f"{table}: has neither a time to live nor point-in-time recovery, deletion "
            "protection and the policy to be retained"
        )

with_on_failure = [
    target(r["Properties"]["FunctionName"]) for _, r in of_type("AWS::Lambda::EventInvokeConfig")
]
for schedule, resource in of_type("AWS::Scheduler::Schedule"):
    if "GroupName" not in resource["Properties"]:
        problems.append(f"{schedule}: is in no group")
    if "DeadLetterConfig" not in resource["Properties"]["Target"]:
        problems.append(f"{schedule}: has no dead-letter queue")
    function = target(resource["Properties"]["Target"]["Arn"])
    if function not in with_on_failure:
        problems.append(f"{function}: has no on-failure destination, though a schedule starts it")

for function, resource in of_type("AWS::Lambda::Function"):
    if target(resource["Properties"]["Role"]) not in resources:
        problems.append(f"{function}: has a role that is not in the template")
    for variable in resource["Properties"]["Environment"]["Variables"]:
        if re.search("SECRET|TOKEN$|PASSWORD", variable) and not variable.endswith("_ARN"):
            problems.append(f"{function}: {variable} belongs in Secrets Manager")

for stage, resource in of_type("AWS::ApiGatewayV2::Stage"):
    settings = [resource["Properties"].get("DefaultRouteSettings", {})]
    settings += resource["Properties"].get("RouteSettings", {}).values()
    if not all("ThrottlingRateLimit" in s and "ThrottlingBurstLimit" in s for s in settings):
        problems.append(f"{stage}: has routes without a limit")

# Whoever is on duty is told of it, and finds it on the dashboard.
alarms = of_type("AWS::CloudWatch::Alarm")


def metrics_of(alarm):
    """The metrics that an alarm looks at."""
    parts = alarm["Properties"].get("Metrics", [])
    return [alarm["Properties"], *(m["MetricStat"]["Metric"] for m in parts if "MetricStat" in m)]


def subjects_of(alarm):
    """Pairs of a metric and what it is about: a logical id, or a value of a dimension."""
    for metric in metrics_of(alarm):
        for dimension in metric.get("Dimensions", []):
            value = dimension["Value"]
            yield metric["MetricName"], target(value) if isinstance(value, dict) else value


watched = {subject for _, alarm in alarms for subject in subjects_of(alarm)}
for queue in [*dead_letters.values(), "ScheduleDeadLetterQueue"]:
    if ("ApproximateNumberOfMessagesVisible", queue) not in watched:
        problems.append(f"{queue}: has no alarm")
for function, _ in of_type("AWS::Lambda::Function"):
    for metric in ("Errors", "Throttles"):
        if (metric, function) not in watched:
            problems.append(f"{function}: has no alarm on {metric}")
for _, mapping in of_type("AWS::Lambda::EventSourceMapping"):
    queue = target(mapping["Properties"]["EventSourceArn"])
    function = target(mapping["Properties"]["FunctionName"]).removesuffix("Function")
    name = kebab(function)
    waits = {("ApproximateAgeOfOldestMessage", queue), ("oldest_waiting_s", name)}
    if not any(waits <= set(subjects_of(alarm)) for _, alarm in alarms):
        problems.append(f"{queue}: has no alarm on its oldest message and what {name} put off")


def breaches_when_silent(alarm, condition):
    """Whether an alarm fires on a missing value, at least where a condition holds."""
    on_missing = alarm["Properties"].get("TreatMissingData")
    if isinstance(on_missing, dict):
        return on_missing["Fn::If"][:2] == [condition, "breaching"]
    return on_missing == "breaching"


def silence_is_seen(subject, condition=None):
    """Whether an alarm fires when nothing is written of a subject."""
    return any(
        subject in subjects_of(alarm) and breaches_when_silent(alarm, condition)
        for _, alarm in alarms
    )


for schedule, resource in of_type("AWS::Scheduler::Schedule"):
    if schedule in LOOKED_AFTER:
        continue
    function = target(resource["Properties"]["Target"]["Arn"]).removesuffix("Function")
    subject = (WRITTEN_BY.get(schedule), kebab(function))
    if not silence_is_seen(subject, resource.get("Condition")):
        problems.append(f"{schedule}: has no alarm that fires when it stops")
for schedule in {*WRITTEN_BY, *LOOKED_AFTER, *LOOKED_AFTER.values()} - resources.keys():
    problems.append(f"there is no {schedule}")
for _, api in of_type("AWS::ApiGatewayV2::Api"):
    for path in api["Properties"]["Body"]["paths"]:
        for metric in ("5xx", "Latency"):
            if (metric, path) not in watched:
                problems.append(f"{path}: has no alarm on {metric}")
# An opt-out that is turned away, or never comes, is a customer who goes on being called.
if ("4xx", "/webhook/opt-out") not in watched:
    problems.append("/webhook/opt-out: has no alarm on what it turns away")
if not silence_is_seen(("accepted", "optout-webhook")):
    problems.append("/webhook/opt-out: has no alarm that fires when no opt-outs come")
dashboards = json.dumps(of_type("AWS::CloudWatch::Dashboard"))
for name, alarm in alarms:
    if not alarm["Properties"].get("AlarmActions"):
        problems.append(f"{name}: tells nobody")
    if f'"{name}"' not in dashboards:
        problems.append(f"{name}: is not on the dashboard")

# What is in double quotes must match as a whole, and only a quoted namespace may have other signs
# than letters, digits and slashes. A search that is wrong finds nothing, without an error.
searches = re.findall(r"SEARCH\('\{(.*?)\}(?: (.*?))?',", dashboards.replace('\\"', '"'))
if len(searches) != dashboards.count("SEARCH("):
    problems.append("the dashboard has a search that is not SEARCH('{namespace,dimensions} terms', …)")
for schema, terms in searches:
    namespace = schema.split(",")[0]
    if not re.fullmatch(r'[\w/]+|"[^"]+"', namespace):
        problems.append(f"the dashboard searches {namespace}: put it in double quotes")
    bare = re.findall(r'(?<!=)"[^"]*"', re.sub(r'="[^"]*"', "", terms))
    problems += [f"the dashboard searches for {term} without its name" for term in bare]

# An alarm on a metric that nobody writes would never fire.
with open("shared/platform/src/telemetry/record.rs", encoding="utf-8") as record:
    written = set(re.findall(r"^    pub\(super\) (\w+): ", record.read(), re.MULTILINE))
named = re.findall(r"SUM\((\w+)\)", json.dumps([alarms, dashboards]))
for _, alarm in alarms:
    for metric in metrics_of(alarm):
        if "CxoneOutbound" in json.dumps(metric.get("Namespace", "")):
            named.append(metric["MetricName"])
for metric in ("cxone_refused", "campaigns_failed", "starts_failed", "skills_failed",
               "outcomes_failed", "webhooks_failed"):
    if metric not in re.findall(r"\w+", json.dumps(alarms)):
        problems.append(f"no alarm watches {metric}")
problems += [f"nobody writes the metric {name}" for name in named if name not in written]

policies = [(name, p) for name, r in of_type("AWS::IAM::Role") for p in r["Properties"]["Policies"]]
policies += [(name, r["Properties"]) for name, r in of_type("AWS::IAM::ManagedPolicy")]
for name, policy in policies:
    for statement in policy["PolicyDocument"]["Statement"]:
        actions = listed(statement["Action"])
        if any("*" in action for action in actions):
            problems.append(f"{name}: names actions with a wildcard: {actions}")
        if "*" in listed(statement["Resource"]) and not WILDCARDS.keys() >= set(actions):
            problems.append(f"{name}: allows {actions} on all resources")

print("\n".join(problems) or f"{len(resources)} resources checked")
sys.exit(bool(problems))
