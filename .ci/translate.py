"""Prints a template as CloudFormation will see it, with its transforms applied, as JSON.

The linters and checkers do not look into Fn::ForEach, nor at what SAM adds.

Usage: translate.py template.yaml
"""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # for the ARNs of the translation

from cfnlint.decode import decode
from cfnlint.template import Template
from cfnlint.template.transforms._language_extensions import language_extension
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    def load(self):
        return {}


def expanded(path):
    """The template with its loops unrolled."""
    template, problems = decode(path)
    if not problems:
        problems, template = language_extension(Template(path, template, ["us-east-1"]))
    if problems:
        sys.exit("\n".join(map(str, problems)))
    return json.loads(json.dumps(template, default=str))


template = expanded(sys.argv[1])
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://bucket/key"  # as after packaging
json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout, indent=2)
