"""The deployed stack: how it comes to be, and what is in it."""

import json
import os
import subprocess
from pathlib import Path

import boto3

from failure import Failure

# SAM would look for it beside the template that it is given.
CONFIGURATION = Path("samconfig.example.toml").absolute()
# What the sandbox accepts, and what the sample events carry.
SECRETS = {
    "Cxone": {"clientId": "sandbox", "clientSecret": "sandbox: 100% secret+"},
    "Webhook": {"webhookSecrets": ["sandbox-webhook-token"]},
    "Signing": {"signingSecrets": ["whsec_c2FuZGJveCBzZWNyZXQsIGZvciBzaWduaW5nISE="]},
}


class Stack:
    """The stack in MiniStack."""

    NAME = "outbound"

    def __init__(self, ministack):
        self._credentials = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": ministack.REGION,
            "AWS_ENDPOINT_URL": ministack.url,
        }
        self._session = boto3.Session("test", "test", region_name=ministack.REGION)
        self._url = ministack.url
        self.parameters = {}
        self.ids = {}  # logical id -> physical id

    def client(self, service):
        return self._session.client(service, endpoint_url=self._url)

    def deploy(self, template, architecture, cxone):
        """Stores the secrets and deploys, as docs/deploy.md says."""
        secrets = self.client("secretsmanager")
        arns = {
            f"{kind}SecretArn": secrets.create_secret(
                Name=f"cxone-outbound/{kind.lower()}", SecretString=json.dumps(secret)
            )["ARN"]
            for kind, secret in SECRETS.items()
        }
        self.parameters = {
            # The journey is played at any hour.
            "CallbackPurpose": "service",
            "CallbackHours": "00:00-24:00",
            "Architecture": architecture,
            "CxoneBaseUrl": cxone,
            "CxoneDncListId": "dnc-main",
            **arns,
            "SmsSender": "+12025550100",
            "AlarmEmail": "on-duty@example.com",
        }
        overrides = [f"{name}={value}" for name, value in self.parameters.items()]
        sam(
            ["deploy", "--template-file", str(template), "--stack-name", self.NAME]
            + ["--no-confirm-changeset", "--parameter-overrides", *overrides],
            self._credentials,
        )
        described = self.client("cloudformation").describe_stack_resources(StackName=self.NAME)
        for resource in described["StackResources"]:
            if not resource["ResourceStatus"].endswith("_COMPLETE"):
                raise Failure(f"{resource['LogicalResourceId']}: {resource['ResourceStatus']}")
            self.ids[resource["LogicalResourceId"]] = resource["PhysicalResourceId"]


def build(folder, architecture):
    """Compiles the functions, without optimizing them, and returns the template that names what
    came of them."""
    built = folder / "build"
    sam(
        ["build", "--build-dir", str(built)]
        + ["--parameter-overrides", f"Architecture={architecture}"],
        {
            "SAM_BUILD_MODE": "debug",
            "CARGO_TARGET_DIR": str(folder),
            "CARGO_PROFILE_DEV_DEBUG": "0",  # ten times smaller
        },
    )
    return built / "template.yaml"


def sam(arguments, environment):
    """Runs a command of the SAM CLI, which takes the rest from `samconfig.example.toml`."""
    environment = os.environ | {"SAM_CLI_TELEMETRY": "0"} | environment
    print(f"sam {arguments[0]} …", flush=True)
    done = subprocess.run(
        ["sam", *arguments, "--config-file", str(CONFIGURATION)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise Failure(f"{done.stdout}\nsam {arguments[0]} failed")
