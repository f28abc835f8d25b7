#!/usr/bin/env python3
"""Writes phone_plans.bin anew: the numbers in E.164 that libphonenumber assigns, as an automaton.

    pip install phonenumbers==9.0.42 && python3 phone_plans.py

The version is that of the metadata in the crate rlibphonenumber: both give the same answers. To be
run again whenever that crate is updated; the tests tell.

src/phone/plans.rs reads it and describes the format. It holds a number only if libphonenumber
reads it as it is written. What begins like a national prefix is left out, assigned or not.

libphonenumber: Copyright (C) 2009-2026 The Libphonenumber Authors. Licence: Apache-2.0,
http://www.apache.org/licenses/LICENSE-2.0
"""

from array import array
from functools import lru_cache
from pathlib import Path
from re import _parser
from sys import byteorder

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneMetadata

LENGTH_MAX = 15
WORLD = "001"
FIXED, MOBILE, FIXED_OR_MOBILE, OTHER = range(4)
OTHER_LINES = [
    "premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail",
]  # fmt: skip
ACCEPTS, HAS_CLASS, LANDING = 1 << 10, 1 << 11, 1 << 15


class Pattern:
    """A regular expression over digits, as an automaton that reads one digit at a time."""

    def __init__(self, expression):
        self.edges, self.empty = [], []
        start, self.end = self.state(), self.state()
        self.sequence(_parser.parse(expression), start, self.end)
        self.start = self.closure({start})
        self.step = lru_cache(None)(self.step)

    def state(self):
        self.edges.append([])
        self.empty.append([])
        return len(self.edges) - 1

    def sequence(self, items, start, end):
        for kind, argument in items:
            after = self.state()
            self.item(str(kind), argument, start, after)
            start = after
        self.empty[start].append(end)

    def item(self, kind, argument, start, end):
        if kind == "LITERAL":
            self.edges[start].append(({argument - ord("0")}, end))
        elif kind == "IN":
            self.edges[start].append((set().union(*map(digits, argument)), end))
        elif kind == "SUBPATTERN":
            self.sequence(argument[-1], start, end)
        elif kind == "BRANCH":
            for branch in argument[1]:
                self.sequence(branch, start, end)
        elif kind == "MAX_REPEAT":
            least, most, what = argument
            for count in range(most):
                if count >= least:
                    self.empty[start].append(end)
                after = self.state()
                self.sequence(what, start, after)
                start = after
            self.empty[start].append(end)
        else:
            raise ValueError(kind)

    def closure(self, states):
        found, todo = set(states), list(states)
        while todo:
            new = set(self.empty[todo.pop()]) - found
            found |= new
            todo += new
        return frozenset(found)

    def step(self, states, digit):
        edges = (edge for state in states for edge in self.edges[state])
        return self.closure({target for on, target in edges if digit in on})

    def matches(self, states):
        return self.end in states


def digits(item):
    kind, argument = item
    if str(kind) == "LITERAL":
        return {argument - ord("0")}
    if str(kind) == "RANGE":
        return set(range(argument[0] - ord("0"), argument[1] - ord("0") + 1))
    if (str(kind), str(argument)) == ("CATEGORY", "CATEGORY_DIGIT"):
        return set(range(10))
    raise ValueError(item)


class Plan:
    """The numbers of one country code. A state is how many digits were read, the regions whose
    leading digits were among them, and a state of each pattern."""

    def __init__(self, code, regions):
        self.patterns, self.slots = [], {}
        if regions == (WORLD,):
            regions = [PhoneMetadata.metadata_for_nongeo_region(code)]
        else:
            regions = [PhoneMetadata.metadata_for_region(region) for region in regions]
        # That it must end the number is not looked at: less is known of more numbers.
        self.prefix = self.slot((regions[0].national_prefix_for_parsing or "").replace("$", ""))
        self.regions = [(region, self.slot(region.leading_digits)) for region in regions]
        self.lines = [
            {name: (self.slot(line.national_number_pattern), line.possible_length)
             for name in ["general_desc", "fixed_line", "mobile", *OTHER_LINES]
             if (line := getattr(region, name)) and line.national_number_pattern}
            for region in regions
        ]  # fmt: skip

    def slot(self, expression):
        if not expression:
            return None
        if expression not in self.slots:
            self.slots[expression] = len(self.patterns)
            self.patterns.append(Pattern(expression))
        return self.slots[expression]

    def start(self):
        return 0, frozenset(), tuple(pattern.start for pattern in self.patterns)

    def step(self, state, digit):
        length, leading, states = state
        steps = zip(self.patterns, states)
        states = tuple(pattern.step(states, digit) for pattern, states in steps)
        if self.prefix is not None and self.patterns[self.prefix].matches(states[self.prefix]):
            return None
        led = {
            index
            for index, (_, slot) in enumerate(self.regions)
            if slot is not None and self.patterns[slot].matches(states[slot])
        }
        return length + 1, leading | led, states

    def number_class(self, state):
        """The region and the kind of line of a number that ends here, as libphonenumber finds
        them."""
        for index, (region, _) in enumerate(self.regions):
            line = self.line(index, state)
            if line is not None or index in state[1] or len(self.regions) == 1:
                return None if line is None else class_word(region.id, line)
        return None

    def line(self, index, state):
        length, _, states = state

        def matches(name):
            slot, lengths = self.lines[index].get(name, (None, ()))
            if slot is None or (lengths and length not in lengths):
                return False
            return self.patterns[slot].matches(states[slot])

        if not matches("general_desc"):
            return None
        if any(map(matches, OTHER_LINES)):
            return OTHER
        # The patterns of both are equal where the metadata says that they are the same.
        fixed, mobile = matches("fixed_line"), matches("mobile")
        if fixed and mobile:
            return FIXED_OR_MOBILE
        return FIXED if fixed else MOBILE if mobile else None


def class_word(region, line):
    place = 26 * 26
    if region != WORLD:
        place = (ord(region[0]) - ord("A")) * 26 + ord(region[1]) - ord("A")
    return place << 2 | line


# The minimal automaton: nodes by what can follow. Node 0 is a dead end.
names, nodes = {(None, None): 0}, [(None, (0,) * 10)]


def node(number_class, targets):
    if number_class is None and not any(targets):
        return 0
    key = (number_class, targets)
    if key not in names:
        names[key] = len(nodes)
        nodes.append(key)
    return names[key]


def plan_node(code, regions):
    plan = Plan(code, regions)

    @lru_cache(None)
    def visit(state):
        if state is None or len(str(code)) + state[0] > LENGTH_MAX:
            return 0
        targets = tuple(visit(plan.step(state, digit)) for digit in range(10))
        return node(plan.number_class(state), targets)

    return visit(plan.start())


def code_node(prefix, plans):
    if prefix in plans:
        return plans[prefix]
    if not any(code.startswith(prefix) for code in plans):
        return 0
    return node(None, tuple(code_node(f"{prefix}{digit}", plans) for digit in range(10)))


@lru_cache(None)
def classes(index):
    own, targets = nodes[index]
    own = frozenset() if own is None else frozenset([own])
    return own.union(*(classes(target) for target in set(targets) - {0}))


class Writer:
    """Words. As soon as one class is left, it is written, and what follows only tells which
    numbers there are: that is shared by all classes."""

    def __init__(self):
        self.words, self.places = array("H"), {}
        self.write(0, (0,) * 10)

    def place(self, key, write, *arguments):
        if key not in self.places:
            self.places[key] = None
            self.places[key] = write(*arguments)
        return self.places[key]

    def write(self, flags, targets, number_class=None):
        at = len(self.words)
        starts = [digit for digit in range(10) if digit == 0 or targets[digit] != targets[digit - 1]]
        self.words.append(flags | sum(1 << digit for digit in starts))
        if number_class is not None:
            self.words.append(number_class)
        self.words.extend(targets[digit] for digit in starts)
        return at

    def open(self, index):
        def write():
            own, targets = nodes[index]
            targets = [self.target(target) for target in targets]
            return self.write(0 if own is None else ACCEPTS | HAS_CLASS, targets, own)

        return self.place(("open", index), write)

    def target(self, index):
        if len(classes(index)) > 1:
            return self.open(index)
        return 0 if index == 0 else self.landing(*classes(index), self.acceptor(index))

    def landing(self, number_class, acceptor):
        def write():
            self.words.extend([LANDING | number_class, acceptor])
            return len(self.words) - 2

        return self.place(("landing", number_class, acceptor), write)

    @lru_cache(None)
    def acceptor(self, index):
        if index == 0:
            return 0
        own, targets = nodes[index]
        targets = tuple(self.acceptor(target) for target in targets)
        flags = 0 if own is None else ACCEPTS
        return self.place((flags, targets), self.write, flags, targets)


plans = {str(code): plan_node(code, named) for code, named in COUNTRY_CODE_TO_REGION_CODE.items()}
writer = Writer()
start = writer.open(code_node("", plans))
regions = sorted(SUPPORTED_REGIONS)
words = array("H", [len(regions), start]) + writer.words
if byteorder == "big":
    words.byteswap()
head, body = words[:2].tobytes(), words[2:].tobytes()
output = Path(__file__).with_suffix(".bin")
output.write_bytes(head + "".join(regions).encode("ascii") + body)
