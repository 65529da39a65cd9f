"""`python -m nbtwin` is `nbtwin`."""

from nbtwin.cli.main import run

if __name__ == "__main__":
    run()
