"""A program of ours, in the background, with its log kept for the report of a failure."""

import signal
import subprocess

from . import BUILD


class Process:
    def __init__(self, folder, program, args, env=None, name=None):
        self.name = name or program
        self.command = [str(BUILD / program), *map(str, args)]
        self.env = env
        self.log_path = folder / f"{self.name}.log"
        self.child = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(self.command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def pid(self):
        return self.child.pid

    def alive(self):
        return self.child is not None and self.child.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def stop(self, sig=signal.SIGTERM, deadline=60):
        """Ends it; returns its exit status (negative: the signal that ended it)."""
        if self.child is None:
            return None
        if self.child.poll() is None:
            self.child.send_signal(sig)
        try:
            status = self.child.wait(deadline)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError(f"{self.name} did not end within {deadline} s of signal {sig}:\n{self.log()}") from None
        self.child = None
        return status

    def kill(self):
        return self.stop(signal.SIGKILL)

    def check_ended_well(self):
        """At the end of a test: a crash or a sanitizer's report is a failure, even where the test passed."""
        status = self.stop()
        assert status in (None, 0), f"{self.name} ended with status {status}:\n{self.log()}"
        for mark in ("AddressSanitizer", "LeakSanitizer", "runtime error:"):
            assert mark not in self.log(), f"{self.name}:\n{self.log()}"
