"""What documents.py must find, each case with a fault of its own."""

import unittest

import documents

ALARM = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {"AlarmDescription": "Full. See docs/operations.md#FullAlarm"},
}
FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {"Environment": {"Variables": {"QUEUE_URL": "…"}}},
}


def table(*rows):
    return "\n".join(["| a | b |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows), ""])


class Alarms(unittest.TestCase):
    anchor = '- <a id="FullAlarm"></a>**FullAlarm**: empty it.'

    def test_an_alarm_with_its_anchor_holds(self):
        self.assertEqual(documents.alarms({"FullAlarm": ALARM}, self.anchor), [])

    def test_an_alarm_without_an_anchor_is_found(self):
        self.assertIn("alarm FullAlarm is not documented", documents.alarms({"FullAlarm": ALARM}, ""))

    def test_an_anchor_without_an_alarm_is_found(self):
        self.assertEqual(documents.alarms({}, self.anchor), ["there is no alarm FullAlarm"])

    def test_an_anchor_that_is_there_twice_is_found(self):
        problems = documents.alarms({"FullAlarm": ALARM}, self.anchor * 2)
        self.assertEqual(problems, ["FullAlarm has two anchors"])

    def test_a_description_that_leads_elsewhere_is_found(self):
        problems = documents.alarms({"EmptyAlarm": ALARM}, self.anchor.replace("Full", "Empty"))
        self.assertEqual(len(problems), 1)


class Parameters(unittest.TestCase):
    def check(self, declared, *rows):
        return documents.parameters(declared, "## Parameters\n\n" + table(*rows) + "\n## Next\n")

    def test_defaults_are_compared(self):
        declared = {"A": {"Default": 24}, "B": {"Default": ""}, "C": {}}
        good = [("`A`", "`24`"), ("`B`", "empty"), ("`C`", "required")]
        self.assertEqual(self.check(declared, *good), [])
        bad = [("`A`", "`25`"), ("`B`", "required"), ("`C`", "empty")]
        self.assertEqual(len(self.check(declared, *bad)), 3)

    def test_a_parameter_on_one_side_only_is_found(self):
        self.assertEqual(self.check({"A": {}}), ["parameter A is not documented"])
        self.assertEqual(self.check({}, ("`A`", "required")), ["there is no parameter A"])


class Variables(unittest.TestCase):
    def check(self, code, *rows):
        page = "## Environment variables\n\n" + table(*rows)
        return documents.variables({"F": FUNCTION}, code, page)

    def test_a_variable_of_the_template_or_the_code_needs_a_row(self):
        self.assertEqual(self.check("", ("`QUEUE_URL`", "")), [])
        self.assertEqual(self.check(""), ["variable QUEUE_URL is not documented"])
        code = 'env.optional(\n    "LOG_COLOR", 1)'
        problems = self.check(code, ("`QUEUE_URL`", ""))
        self.assertEqual(problems, ["variable LOG_COLOR is not documented"])

    def test_a_row_that_nobody_reads_is_found(self):
        problems = self.check("", ("`QUEUE_URL`", ""), ("`OLD_URL`", ""))
        self.assertEqual(problems, ["there is no variable OLD_URL"])
        self.assertEqual(self.check('const OLD: &str = "OLD_URL";', ("`QUEUE_URL`, `OLD_URL`", "")), [])


class Metrics(unittest.TestCase):
    page = "## Metrics\n\n" + table(("`accepted`, `waiting_s`", "")) + "\n## Next\n"

    def test_metrics_are_those_of_the_record(self):
        code = "    accepted: Option<u64>,\n    waiting_s: Option<Duration>,\n    id: String,\n"
        self.assertEqual(documents.metrics({}, code, self.page), [])
        self.assertEqual(
            documents.metrics({}, "    accepted: Option<u64>,\n    lost: Option<u64>,\n", self.page),
            ["metric lost is not documented", "there is no metric waiting_s"],
        )

    def test_a_metric_that_is_made_of_the_log_needs_a_row(self):
        properties = {"MetricTransformations": [{"MetricName": "waiting_s"}]}
        resources = {"F": {"Type": "AWS::Logs::MetricFilter", "Properties": properties}}
        code = "    accepted: Option<u64>,\n"
        self.assertEqual(documents.metrics(resources, code, self.page), [])


class Logs(unittest.TestCase):
    code = 'tracing::warn!(%error, id = message.id("x"),\n  "a message was not sent");'

    def test_the_last_text_of_a_call_is_its_message(self):
        self.assertEqual(documents.messages(self.code), {"a message was not sent"})

    def test_a_text_without_words_is_no_message(self):
        code = 'warn!(ids = ids.join(", "), "two ids", rest = ",");'
        self.assertEqual(documents.messages(code), {"two ids"})

    def test_a_message_without_a_row_is_found(self):
        self.assertEqual(documents.logs(self.code, table(("`a message was not sent`", ""))), [])
        self.assertEqual(len(documents.logs(self.code, table(("elsewhere", "`a message was not sent`")))), 1)

    def test_a_row_about_a_message_that_is_gone_is_found(self):
        page = table(("`a message was not sent`, `a message was lost`", ""))
        self.assertEqual(documents.logs(self.code, page), ["'a message was lost' is nowhere in the code"])

    def test_what_varies_in_a_text_does_not_count(self):
        page = table(("`a message was not sent`", ""), ("`Error: 2 messages are left: …`", ""))
        self.assertEqual(documents.logs(self.code + '"{n} messages are left: {list}"', page), [])


class Codes(unittest.TestCase):
    def test_a_code_of_a_problem_or_a_dead_letter_must_be_explained(self):
        code = 'Failure::dead_letter("too_late", x); Problem::conflict(\n "in_use", y)'
        self.assertEqual(documents.codes(code, ["`too_late` and `in_use`"]), [])
        self.assertEqual(len(documents.codes(code, ["too_late", "```text\n`in_use`\n```"])), 2)


class Law(unittest.TestCase):
    page = """Of 3 rules 1 rest on an official source, 1 on a secondary
        one, and 1 are unverified. There are verified rules for CA and US; any other"""

    def check(self, *rules):
        return documents.law([{"code": c, "confidence": of} for c, of in rules], self.page)

    def test_the_counts_and_the_countries_are_those_of_the_data(self):
        rules = [("US", "secondary"), ("CA-ON", "official"), ("IE", "unverified")]
        self.assertEqual(self.check(*rules), [])
        problems = self.check(*rules[:2], ("IE", "official"))
        self.assertEqual(len(problems), 3)  # official and unverified ones, and the countries


class Paths(unittest.TestCase):
    def test_a_file_that_is_gone_is_found(self):
        page = "`shared/a/src/b.rs`, `shared/a/src/c.rs`, `functions/<name>/README.md`"
        problems = documents.paths(page, lambda name: name.endswith("b.rs"))
        self.assertEqual(problems, ["there is no file shared/a/src/c.rs"])


class Commands(unittest.TestCase):
    def check(self, script):
        return list(documents.commands(f"Run\n\n```sh\n{script}\n```\n"))

    def test_what_a_shell_can_read_holds(self):
        self.assertEqual(self.check("curl '<url>' | jq . # …"), [])

    def test_what_it_cannot_read_is_found(self):
        self.assertEqual(len(self.check("echo 'it is")), 1)

    def test_a_placeholder_that_would_redirect_is_found(self):
        self.assertEqual(self.check("curl <the url> -d 1"), ["<the url> would redirect"])


if __name__ == "__main__":
    unittest.main()
