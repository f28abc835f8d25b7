"""Rules for queues that feed functions, which the linters do not know.

Usage: queue_rules.py template.yaml
"""

import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # for the ARNs of the translation

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    def load(self):
        return {}


def target(value):
    """The logical id that a !Ref or !GetAtt points at."""
    return value.get("Ref") or value["Fn::GetAtt"][0]


with open(sys.argv[1], encoding="utf-8") as file:
    template = yaml_parse(file)
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://bucket/key"  # as after packaging
resources = transform(template, {}, NoManagedPolicies())["Resources"]

problems = []
dead_letters = {}  # queue -> its dead-letter queue
for queue, resource in resources.items():
    if resource["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in resource["Properties"]:
        own = target(resource["Properties"]["RedrivePolicy"]["deadLetterTargetArn"])
        if own in dead_letters.values():
            problems.append(f"{queue}: {own} also takes another queue's dead letters")
        dead_letters[queue] = own

mappings = 0
for name, resource in resources.items():
    if resource["Type"] != "AWS::Lambda::EventSourceMapping":
        continue
    mappings += 1
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
    if queue not in dead_letters:
        problems.append(f"{queue}: has no dead-letter queue")
    if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
        problems.append(f"{name}: does not report partial failures")
    if "MaximumConcurrency" not in mapping.get("ScalingConfig", {}):
        problems.append(f"{name}: has no MaximumConcurrency")

if not mappings:
    problems.append("no event source mapping found: there was nothing to check")
print("\n".join(problems) or f"{mappings} event source mapping(s) checked")
sys.exit(bool(problems))
