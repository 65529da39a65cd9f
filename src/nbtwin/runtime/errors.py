"""The two ways in which a command ends badly. Each is one clear line on standard error."""


class WrongUsage(Exception):
    """The user asked for something that cannot be: exit status 2."""


class Failed(Exception):
    """What was asked for was tried and failed: exit status 1."""
