"""What MiniStack leaves undone, done in its place, and what this machine is no internet for. Each
function says what, and why."""

import re

import yaml


def give_alarms_a_metric(built):
    """MiniStack refuses alarms on expressions, and with them the stack. They are deployed with a
    metric that does not exist, so that what refers to them is deployed as it is."""
    template = yaml.safe_load(built.read_text())
    for alarm in _alarms(template["Resources"]):
        if alarm.pop("Metrics", None):
            alarm |= {"Namespace": "StandIn", "MetricName": "Expression"}
            alarm |= {"Statistic": "Sum", "Period": 60}
    repaired = built.with_name("for-ministack.yaml")  # the paths in it are relative
    repaired.write_text(yaml.safe_dump(template, sort_keys=False))
    return repaired


def _alarms(resources):
    for name, resource in resources.items():
        if name.startswith("Fn::ForEach::"):
            yield from _alarms(resource[2])
        elif resource["Type"] == "AWS::CloudWatch::Alarm":
            yield resource["Properties"]


def create_routes(stack, template):
    """MiniStack does not read the OpenAPI document in which SAM writes the routes of an API."""
    gateway = stack.client("apigatewayv2")
    functions = stack.client("lambda")
    for name, resource in template.of_type("AWS::ApiGatewayV2::Api").items():
        api = stack.ids[name]
        for path, methods in resource["Properties"]["Body"]["paths"].items():
            for method, operation in methods.items():
                uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
                function = stack.ids[re.search(r"\$\{(\w+)\.Arn\}", uri)[1]]
                function = functions.get_function_configuration(FunctionName=function)
                integration = gateway.create_integration(
                    ApiId=api,
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=function["FunctionArn"],
                    PayloadFormatVersion="2.0",
                )
                gateway.create_route(
                    ApiId=api,
                    RouteKey=f"{method.upper()} {path}",
                    Target=f"integrations/{integration['IntegrationId']}",
                )


def let_items_expire(stack, template):
    """MiniStack ignores the time to live that a template gives a table."""
    tables = stack.client("dynamodb")
    for name, resource in template.of_type("AWS::DynamoDB::Table").items():
        if time_to_live := resource["Properties"].get("TimeToLiveSpecification"):
            tables.update_time_to_live(
                TableName=stack.ids[name], TimeToLiveSpecification=time_to_live
            )


def tell_schedules_the_time(stack):
    """MiniStack does not write the time into a schedule's input. Any time that is past does: the
    functions go by their own clock, if that is later."""
    scheduler = stack.client("scheduler")
    for listed in scheduler.list_schedules()["Schedules"]:
        name = {"Name": listed["Name"], "GroupName": listed["GroupName"]}
        schedule = scheduler.get_schedule(**name)
        target = schedule["Target"]
        target["Input"] = target["Input"].replace(
            "<aws.scheduler.scheduled-time>", "2026-01-01T00:00:00Z"
        )
        kept = {key: schedule[key] for key in ("ScheduleExpression", "FlexibleTimeWindow", "State")}
        scheduler.update_schedule(**name, **kept, Target=target)


def let_webhooks_stay_here(stack):
    """Reports of campaigns go to public addresses only. The receiver of this test is on this
    machine."""
    functions = stack.client("lambda")
    for name in ("CampaignSchedulerFunction", "AnalyticsPollerFunction"):
        function = {"FunctionName": stack.ids[name]}
        known = functions.get_function_configuration(**function)["Environment"]["Variables"]
        environment = {"Variables": known | {"WEBHOOK_TARGETS": "local"}}
        functions.update_function_configuration(**function, Environment=environment)
