"""The command line in this process."""

from in_process import command

__all__ = ["command"]
