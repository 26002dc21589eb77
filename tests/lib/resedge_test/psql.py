"""A session of psql that stays open, to hold locks while a test looks at others."""

import subprocess


class Psql:
    def __init__(self, postgres, database):
        self.child = subprocess.Popen([postgres.bin / "psql", "-X", "-q", "-At", "-d", postgres.url(database, "postgres")], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, sql):
        self.child.stdin.write(sql + ";\nselect 'ran';\n")
        self.child.stdin.flush()
        while (line := self.child.stdout.readline().strip()) != "ran":
            assert self.child.poll() is None, line

    def close(self):
        self.child.communicate("\\q\n")
