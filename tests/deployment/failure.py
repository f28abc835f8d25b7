"""Why the test cannot go on."""


class Failure(Exception):
    """Something that a person must look at. Its text says what."""


class Unreachable(Failure):
    """A server does not answer."""
