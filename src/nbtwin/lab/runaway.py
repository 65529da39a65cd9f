"""What the scheduler raises when time stands still. Data, beside the scheduler, which is compiled."""


class RunawayError(RuntimeError):
    """Something is due at the same instant again and again."""
