"""The one error of the supervisor that a person is meant to read."""


class Refusal(Exception):
    """Carillon cannot start. The text is one sentence: what is wrong and what to do."""
