"""Whether what was deployed is what the template says, as far as MiniStack can tell."""

import json
from collections import defaultdict

# What AWS says of a resource, in the words of the template: one function for each type. They get
# `client`, which makes the client of a service, and the physical id.


def function(client, name):
    return client("lambda").get_function_configuration(FunctionName=name)


def event_source_mapping(client, uuid):
    found = client("lambda").get_event_source_mapping(UUID=uuid)
    return found | {"FunctionName": found["FunctionArn"]}


def event_invoke_config(client, name):
    name, qualifier = name.rsplit(":", 1)
    where = {"FunctionName": name, "Qualifier": qualifier}
    return client("lambda").get_function_event_invoke_config(**where) | where


def queue(client, url):
    found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    if "RedrivePolicy" in found:
        found["RedrivePolicy"] = json.loads(found["RedrivePolicy"])
    return found


def table(client, name):
    found = client("dynamodb").describe_table(TableName=name)["Table"]
    return found | {"BillingMode": found["BillingModeSummary"]["BillingMode"]}


def schedule(client, name):
    scheduler = client("scheduler")
    listed = scheduler.list_schedules(NamePrefix=name)["Schedules"]
    [group] = [schedule["GroupName"] for schedule in listed if schedule["Name"] == name]
    return scheduler.get_schedule(Name=name, GroupName=group)


def schedule_group(client, name):
    return client("scheduler").get_schedule_group(Name=name)


def alarm(client, name):
    [found] = client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return found


def dashboard(client, name):
    return client("cloudwatch").get_dashboard(DashboardName=name)


def log_group(client, name):
    groups = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    [found] = [group for group in groups if group["logGroupName"] == name]
    return {key[0].upper() + key[1:]: value for key, value in found.items()}


def topic(client, arn):
    return client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]


def key(client, key_id):
    found = client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    rotation = client("kms").get_key_rotation_status(KeyId=key_id)
    return found | {"EnableKeyRotation": rotation["KeyRotationEnabled"]}


def role(client, name):
    iam = client("iam")
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    own = iam.list_role_policies(RoleName=name)["PolicyNames"]
    return iam.get_role(RoleName=name)["Role"] | {
        "ManagedPolicyArns": [policy["PolicyArn"] for policy in attached],
        "Policies": [iam.get_role_policy(RoleName=name, PolicyName=policy) for policy in own],
    }


def stage(client, name):
    gateway = client("apigatewayv2")
    [api] = gateway.get_apis()["Items"]
    found = gateway.get_stage(ApiId=api["ApiId"], StageName=name) | {"ApiId": api["ApiId"]}
    # They are always empty in MiniStack's answer.
    return {k: v for k, v in found.items() if k not in ("DefaultRouteSettings", "RouteSettings")}


READERS = {
    "AWS::ApiGatewayV2::Stage": stage,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::CloudWatch::Dashboard": dashboard,
    "AWS::DynamoDB::Table": table,
    "AWS::IAM::Role": role,
    "AWS::KMS::Key": key,
    "AWS::Lambda::EventInvokeConfig": event_invoke_config,
    "AWS::Lambda::EventSourceMapping": event_source_mapping,
    "AWS::Lambda::Function": function,
    "AWS::Logs::LogGroup": log_group,
    "AWS::SNS::Topic": topic,
    "AWS::SQS::Queue": queue,
    "AWS::Scheduler::Schedule": schedule,
    "AWS::Scheduler::ScheduleGroup": schedule_group,
}


def check(stack, template):
    """What differs from the template, and by type the properties that AWS says nothing of."""
    differences, unseen = [], defaultdict(set)
    for name, resource in template.resources.items():
        kind, wanted = resource["Type"], resource.get("Properties", {})
        if kind not in READERS:
            unseen[kind].add("all")
            continue
        if "Condition" in resource and name not in stack.ids:
            unseen[kind].add(f"{name}, which its condition excludes")
            continue
        found = READERS[kind](stack.client, stack.ids[name])
        for property, value in wanted.items():
            if property in found:
                differences += template.differences(value, found[property], f"{name}.{property}")
            else:
                unseen[kind].add(property)
    return differences, unseen
