"""The template as it should have been deployed, and how its values are compared."""

import json
import re

from failure import Failure

REFERENCE = re.compile(r"\$\{([^}]+)\}")


class Template:
    """The template with its transforms applied, as `.ci/translate.py` prints it."""

    def __init__(self, path, stack, region):
        self._document = json.loads(path.read_text())
        self.resources = self._document["Resources"]
        self._ids = stack.ids
        parameters = self._document["Parameters"]
        self._values = {name: p["Default"] for name, p in parameters.items() if "Default" in p}
        self._values |= stack.parameters
        self._values |= {
            "AWS::StackName": stack.NAME,
            "AWS::Region": region,
            "AWS::Partition": "aws",
            "AWS::AccountId": "000000000000",
            "AWS::URLSuffix": "amazonaws.com",
        }

    def of_type(self, kind):
        return {name: r for name, r in self.resources.items() if r["Type"] == kind}

    def differences(self, wanted, found, path=""):
        """Where what is found is not what the template says. What else is found does not matter."""
        if isinstance(wanted, dict) and "Fn::ToJsonString" in wanted:
            yield from self.differences(wanted["Fn::ToJsonString"], json.loads(found), path)
        elif isinstance(wanted, dict) and not _is_intrinsic(wanted):
            for key, value in wanted.items():
                if not isinstance(found, dict) or key not in found:
                    yield f"{path}.{key} is missing"
                else:
                    yield from self.differences(value, found[key], f"{path}.{key}")
        elif isinstance(wanted, list):
            if not isinstance(found, list) or len(wanted) != len(found):
                yield f"{path} is {found}, not {wanted}"
            else:
                for index, (one, other) in enumerate(zip(wanted, found)):
                    yield from self.differences(one, other, f"{path}[{index}]")
        elif not re.fullmatch(self._pattern(wanted), _text(found), re.DOTALL):
            yield f"{path} is {found}, not {wanted}"

    def _pattern(self, value):
        """What a value looks like in AWS. Of a resource, only its name at the end is certain: AWS
        answers with the ARN where the template has the name, or the other way round."""
        if not _is_intrinsic(value):
            return re.escape(_text(value))
        [(function, of)] = value.items()
        if function == "Ref":
            return self._reference(of)
        if function == "Fn::GetAtt":
            return self._reference(of[0])
        if function == "Fn::Sub" and isinstance(of, str):
            texts = REFERENCE.split(of)  # every second one is a reference
            references = [self._reference(name) for name in texts[1::2]]
            texts = [re.escape(text) for text in texts[::2]]
            return "".join(text + ref for text, ref in zip(texts, [*references, ""]))
        if function == "Fn::If":
            condition, value, other = of
            holds = self._holds(self._document["Conditions"][condition])
            return self._pattern(value if holds else other)
        raise Failure(f"{function} is not known here: teach {__file__} what it means")

    def _holds(self, condition):
        [(function, of)] = condition.items()
        if function == "Fn::And":
            return all(map(self._holds, of))
        if function == "Fn::Not":
            return not self._holds(of[0])
        if function == "Fn::Equals":
            return self._pattern(of[0]) == self._pattern(of[1])
        raise Failure(f"{function} is not known here: teach {__file__} what it means")

    def _reference(self, name):
        if name in self._values:
            return re.escape(_text(self._values[name]))
        resource = name.split(".")[0]  # as in ${RunsTable.Arn}
        return ".*" + re.escape(re.split("[:/]", self._ids[resource])[-1])


def _is_intrinsic(value):
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def _text(value):
    """As CloudFormation compares: 60, 60.0 and "60" are the same."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
