"""A fleet that fits on a screen, so that whole answers can be compared."""

import os
import signal
import subprocess

from resedge_test import BUILD

FLEET = """\
targets:
  - {name: edge, url: /srv/git/edge.git, folderPattern: flat}
metadataKeys:
  - {name: size, type: enum, values: [small, large]}
groups:
  - {name: stores}
  - {name: east, parent: /stores}
  - {name: west, parent: /stores}
  - {name: beta}
policies:
  - {name: quiet, path: policies/quiet}
namespaces:
  - {name: shop, expression: /g/stores/east, businessUnit: Retail, policies: [quiet]}
  - {name: fuel}
applications:
  - {name: till, namespace: shop, path: apps/till, owner: Ann, releases: [{version: 2.0.0, expression: /g/beta}]}
  - {name: pump, namespace: fuel, path: apps/pump}
clusters:
  - {name: east-1, target: edge, groups: [/stores/east, /beta], store: "0101", tags: [corner],
     description: "Two\\nlines", metadata: [{key: size, value: small}]}
  - {name: east-2, target: edge, groups: [/stores/east]}
  - {name: west-1, target: edge, groups: [/stores/west], state: planned, timeZone: America/Denver}
"""


def says(result, status, *parts):
    """Ended with a status, and nothing on stdout but one line of error that has all the parts."""
    assert result.returncode == status, result
    assert result.stderr.startswith("resedge: "), result
    for part in parts:
        assert part in result.stderr, result
    assert "rse_" not in result.stderr, result


def start(cli, *args, **kwargs):
    """The command in the background, both outputs in pipes. It hears SIGINT, also where the tests themselves were told not to."""
    return subprocess.Popen([BUILD / "resedge", *map(str, args)], env=cli.env, stdin=subprocess.DEVNULL, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **kwargs)


def on_terminal(cli, *args, answer, before_answer=lambda: None):
    """The command with a terminal, and what it asks answered. Returns (status, what was on the screen)."""
    ours, theirs = os.openpty()
    child = subprocess.Popen([BUILD / "resedge", *map(str, args)], env=cli.env, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    screen = b""
    try:
        while b"[y/N]" not in screen:
            screen += os.read(ours, 4096)
        before_answer()
        os.write(ours, answer.encode() + b"\n")
        while True:
            screen += os.read(ours, 4096)
    except OSError:
        pass  # the end of a terminal whose other side is closed
    finally:
        os.close(ours)
    return child.wait(60), screen.decode().replace("\r\n", "\n")
