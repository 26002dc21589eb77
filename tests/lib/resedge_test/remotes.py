"""Git hosts as people have them, on loopback: nginx with git-http-backend over TLS, and sshd; and what goes wrong on the way."""

import getpass
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

from .git import Repository
from .wait import until

USER, PASSWORD = "automation", "pass-word-of-the-host"


def _run(*command):
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class _Server:
    """A child that opens a port, with its log kept."""

    def __init__(self, folder, name):
        self.log_path = folder / f"{name}.log"
        self.children = []
        self.port = None

    def _spawn(self, *command, env=None):
        with open(self.log_path, "ab") as log:
            self.children.append(subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
                                                  start_new_session=True))

    def _wait(self):
        until(lambda: _accepts(self.port) or any(child.poll() is not None for child in self.children), f"{self.log_path.stem} opens its port")
        assert all(child.poll() is None for child in self.children), self.log_path.read_text()

    def stop(self):
        for child in reversed(self.children):
            os.killpg(child.pid, signal.SIGTERM)  # with the children of its own that it would leave behind
            child.wait(30)
        self.children = []


class HttpHost(_Server):
    """Bare repositories under https://127.0.0.1:<port>/<name>, for USER with PASSWORD. before_push: a script that runs once, when
    the next push begins (after the pusher has fetched, before it is told where the branch stands)."""

    NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log; worker_processes 1; {user}
events {{ worker_connections 64; }}
http {{
    access_log {folder}/access.log; client_max_body_size 0; client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/t1; fastcgi_temp_path {folder}/t2; uwsgi_temp_path {folder}/t3; scgi_temp_path {folder}/t4;
    server {{
        listen 127.0.0.1:{port} ssl; ssl_certificate {folder}/host.crt; ssl_certificate_key {folder}/host.key;
        location = /moved.git/info/refs {{ return 301 /edge.git/info/refs?$args; }}
        location = /elsewhere.git/info/refs {{ return 301 https://localhost:{port}/edge.git/info/refs?$args; }}
        location = /page.git/info/refs {{ default_type text/html; return 200 "<html>not git</html>"; }}
        location / {{
            auth_basic "Git"; auth_basic_user_file {folder}/users;
            fastcgi_pass unix:{folder}/cgi.sock; fastcgi_read_timeout 600;
            fastcgi_param SCRIPT_FILENAME {folder}/backend; fastcgi_param GIT_PROJECT_ROOT {root};
            fastcgi_param GIT_HTTP_EXPORT_ALL 1; fastcgi_param PATH_INFO $uri; fastcgi_param REMOTE_USER $remote_user;
            fastcgi_param QUERY_STRING $query_string; fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param CONTENT_TYPE $content_type; fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding; fastcgi_param HTTP_GIT_PROTOCOL $http_git_protocol;
        }}
    }}
}}
"""
    BACKEND = """#!/bin/sh
if [ "$QUERY_STRING" = service=git-receive-pack ] && mv {folder}/before-push {folder}/before-push.now 2>/dev/null; then
    {folder}/before-push.now >/dev/null 2>&1
fi
exec git http-backend
"""

    def __init__(self, folder):
        super().__init__(folder, "nginx")
        self.folder = folder
        self.root = folder / "repositories"
        self.root.mkdir()
        self._certify()
        hashed = subprocess.run(["openssl", "passwd", "-apr1", PASSWORD], check=True, capture_output=True, text=True).stdout.strip()
        (folder / "users").write_text(f"{USER}:{hashed}\n")
        backend = folder / "backend"
        backend.write_text(self.BACKEND.format(folder=folder))
        backend.chmod(0o755)
        self.start()

    def _certify(self):
        ca, host = self.folder / "ca", self.folder / "host"
        _run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=Private CA",
             "-keyout", f"{ca}.key", "-out", f"{ca}.crt")
        _run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=host", "-keyout", f"{host}.key", "-out", f"{host}.csr")
        (self.folder / "ext").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        _run("openssl", "x509", "-req", "-in", f"{host}.csr", "-CA", f"{ca}.crt", "-CAkey", f"{ca}.key", "-days", "2", "-extfile", self.folder / "ext", "-out", f"{host}.crt")

    def start(self):
        self.port = self.port or _free_port()
        user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(self.NGINX.format(folder=self.folder, root=self.root, port=self.port, user=user))
        (self.folder / "cgi.sock").unlink(missing_ok=True)
        self._spawn("fcgiwrap", "-c", "3", "-s", f"unix:{self.folder}/cgi.sock")
        self._spawn("nginx", "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", self.folder / "nginx-error.log")
        self._wait()

    @property
    def ca_file(self):
        return self.folder / "ca.crt"

    def repository(self, name="edge.git", branch="main"):
        return Repository(self.root / name, branch)

    def url(self, name="edge.git", port=None):
        return f"https://127.0.0.1:{port or self.port}/{name}"

    def before_push(self, script):
        path = self.folder / "before-push"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def requests(self):
        return (self.folder / "access.log").read_text().splitlines()

    def credential(self, folder, name="host", **parts):
        """Writes a credential for a worker; parts replace the right ones, None leaves one out."""
        parts = {"username": USER, "password": PASSWORD, "ca.crt": self.ca_file.read_text(), **parts}
        return write_credential(folder, name, parts)


class SshHost(_Server):
    """The same over ssh://127.0.0.1:<port>/<path>, for whoever has the key."""

    CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
PidFile none
"""

    def __init__(self, folder):
        super().__init__(folder, "sshd")
        self.folder = folder
        self.root = folder / "repositories"
        self.root.mkdir()
        for key in ("host_key", "identity", "stranger"):
            _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key)
        shutil.copy(folder / "identity.pub", folder / "authorized_keys")
        self.port = _free_port()
        (folder / "sshd_config").write_text(self.CONFIG.format(folder=folder, port=self.port))
        if os.geteuid() == 0:
            pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self._spawn(shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-e", "-f", folder / "sshd_config")
        self._wait()

    def repository(self, name="edge.git", branch="main"):
        return Repository(self.root / name, branch)

    def url(self, name="edge.git"):
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{self.root}/{name}"

    def credential(self, folder, name="host", **parts):
        kind, key = (self.folder / "host_key.pub").read_text().split()[:2]
        parts = {"identity": (self.folder / "identity").read_text(), "known_hosts": f"[127.0.0.1]:{self.port} {kind} {key}\n", **parts}
        return write_credential(folder, name, parts)


def write_credential(folder, name, parts):
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    for part, text in parts.items():
        if text is not None:
            (place / part).touch(0o600)
            (place / part).write_text(text)
    return folder


class Proxy:
    """Stands in front of a host, at the level of bytes. mode: "pass"; "hang": accepts and says nothing; "refuse": closes at once;
    "cut": passes, and closes both ways when cut_after bytes have gone to the host on one connection."""

    def __init__(self, port):
        self.target = port
        self.mode = "pass"
        self.cut_after = 0
        self.cuts = 0
        self.accepted = 0
        self.held = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            if self.mode == "hang":
                self.held.append(client)
            elif self.mode == "refuse":
                client.close()
            else:
                threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client):
        try:
            host = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        back = threading.Thread(target=self._copy, args=(host, client, None), daemon=True)
        back.start()
        self._copy(client, host, self.cut_after if self.mode == "cut" else None)
        for end in (client, host):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        back.join()
        client.close()
        host.close()

    def _copy(self, source, to, limit):
        sent = 0
        try:
            while data := source.recv(65536):
                if limit is not None and sent + len(data) > limit:
                    self.cuts += 1
                    return
                to.sendall(data)
                sent += len(data)
            to.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for client in self.held:
            client.close()


def scratch():
    """A short path: Unix sockets have a limit."""
    return pathlib.Path(tempfile.mkdtemp(prefix="resedge-host-", dir="/tmp"))
