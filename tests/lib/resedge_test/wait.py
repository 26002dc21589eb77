"""Waiting for something to become true, with a deadline that says what did not."""

import time

DEADLINE = 60.0


def until(condition, what, deadline=DEADLINE, pause=0.02):
    """Returns the first true value of condition()."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline:g} s in vain: {what}")
        time.sleep(pause)
