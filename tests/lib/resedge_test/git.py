"""A bare GitOps repository, looked at with git itself."""

import pathlib
import shutil
import subprocess
import tempfile

ENV_NAMES = ["-c", "user.name=A Person", "-c", "user.email=person@example.com", "-c", "commit.gpgsign=false"]


class Repository:
    def __init__(self, path, branch="main"):
        self.path = pathlib.Path(path)
        self.branch = branch
        if not self.path.exists():
            subprocess.run(["git", "init", "-q", "--bare", f"--initial-branch={branch}", str(path)], check=True)

    def git(self, *args):
        result = subprocess.run(["git", "-C", str(self.path), *args], capture_output=True, check=False)
        assert result.returncode == 0, f"git {' '.join(args)}: {result.stderr.decode()}"
        return result.stdout.decode()

    def push(self, change, message="Templates"):
        """Clones, lets change(folder) edit the checkout, commits and pushes, as a person would. Returns the commit."""
        with tempfile.TemporaryDirectory(prefix="resedge-checkout-") as scratch:
            checkout = pathlib.Path(scratch) / "checkout"
            subprocess.run(["git", "clone", "-q", str(self.path), str(checkout)], check=True, capture_output=True)
            subprocess.run(["git", "-C", str(checkout), "checkout", "-q", "-B", self.branch], check=True)
            change(checkout)
            subprocess.run(["git", "-C", str(checkout), "add", "-A"], check=True)
            subprocess.run(["git", "-C", str(checkout), *ENV_NAMES, "commit", "-q", "-m", message], check=True)
            subprocess.run(["git", "-C", str(checkout), "push", "-q", "origin", self.branch], check=True, capture_output=True)
        return self.head()

    def seed(self, *folders):
        """Puts folders (apps/, policies/) into the branch as they stand."""
        def copy(checkout):
            for folder in folders:
                shutil.copytree(folder, checkout / pathlib.Path(folder).name)
        return self.push(copy)

    def head(self):
        return self.git("rev-parse", self.branch).strip()

    def tree(self, path="", rev=None):
        return self.git("rev-parse", f"{rev or self.branch}:{path}").strip()

    def files(self, path="", rev=None):
        return self.git("ls-tree", "-r", "--name-only", rev or self.branch, "--", *([path] if path else [])).splitlines()

    def read(self, path, rev=None):
        return self.git("show", f"{rev or self.branch}:{path}")

    def log(self):
        """Commits, the newest first: {id, author, subject, trailers}."""
        out = []
        for record in self.git("log", "--format=%H%x1f%an%x1f%s%x1f%(trailers:only,unfold)%x1e", self.branch).split("\x1e"):
            record = record.strip("\n")  # strip() alone takes \x1f for white space
            if record:
                commit, author, subject, trailers = record.split("\x1f")
                pairs = dict(line.split(": ", 1) for line in trailers.splitlines() if ": " in line)
                out.append({"id": commit, "author": author, "subject": subject, "trailers": pairs})
        return out

    def commits_of_ours(self):
        return [commit for commit in self.log() if "Resedge-Job" in commit["trailers"]]

    def checkout(self, folder, rev=None):
        """Unpacks the files into a folder."""
        archive = subprocess.run(["git", "-C", str(self.path), "archive", rev or self.branch], capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)

    def fsck(self):
        self.git("fsck", "--strict", "--no-dangling")
