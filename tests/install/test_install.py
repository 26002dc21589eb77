"""make install: what lands where, that others can link the library, and that the programs are hardened."""

import os
import pathlib
import subprocess

import pytest

from resedge_test import BUILD, ROOT

# Variables of make's command line reach us through check.sh.
SANITIZE = os.environ.get("SANITIZE", "")

PROGRAM = r"""
#include <resedge/resedge.h>
#include <stdio.h>

int main(void)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_expr *expr = NULL;

    if (rse_expr_parse(&expr, rse_str("/g/beta and nott /t/x"), &err))
        return 1;
    printf("%s at %u, with %s\n", err.what, err.position, rse_version());
    return 0;
}
"""


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a prefix with spaces")
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}
    result = subprocess.run(["make", "-s", f"BUILD={os.path.relpath(BUILD, ROOT)}", f"SANITIZE={SANITIZE}",
                             f"CC={os.environ.get('CC', 'cc')}", f"PREFIX={folder}", "install"],
                            cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return folder


def run(*command, **kwargs):
    result = subprocess.run(command, capture_output=True, text=True, check=False, **kwargs)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_everything_lands_where_it_belongs(prefix):
    for path in ("bin/resedge", "bin/resedge-api", "bin/resedge-worker", "lib/libresedge.a", "lib/libresedge.so",
                 "lib/pkgconfig/resedge.pc", "include/resedge/resedge.h", "share/man/man1/resedge.1",
                 "share/man/man1/resedge-get.1", "share/bash-completion/completions/resedge", "share/resedge/migrations/0001_fleet.sql"):
        assert (prefix / path).exists(), path


@pytest.mark.skipif(SANITIZE != "", reason="a sanitized library needs a sanitized program")
def test_others_can_link_the_library(prefix, tmp_path):
    source = tmp_path / "other.c"
    source.write_text(PROGRAM)
    env = {**os.environ, "PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig")}
    assert run("pkg-config", "--modversion", "resedge", env=env).strip()
    # eval, because pkg-config escapes the spaces of a path for the shell.
    run("sh", "-c", 'eval cc -std=gnu11 -Wall -Werror -o other other.c "$(pkg-config --cflags --libs resedge)"', cwd=tmp_path, env=env)
    out = run(tmp_path / "other", env={**env, "LD_LIBRARY_PATH": str(prefix / "lib")})
    assert "expected" in out and "at 12" in out


def test_only_what_is_public_is_visible():
    names = [line.split()[-1] for line in run("nm", "-D", "--defined-only", BUILD / "libresedge.so").splitlines()]
    assert len(names) > 100
    foreign = [n for n in names if not n.startswith(("rse_", "__", "_init", "_fini")) and "asan" not in n and "odr" not in n]
    assert foreign == []


@pytest.mark.parametrize("program", ["resedge", "resedge-api", "resedge-worker"])
def test_the_programs_are_hardened(program):
    path = pathlib.Path(BUILD / program)
    assert "DYN" in run("readelf", "-h", path)
    dynamic = run("readelf", "-d", path)
    assert "BIND_NOW" in dynamic or "NOW" in dynamic
    headers = run("readelf", "-lW", path)
    assert "GNU_RELRO" in headers
    [stack] = [line for line in headers.splitlines() if "GNU_STACK" in line]
    assert "RWE" not in stack
    assert "__stack_chk_fail" in run("nm", "-D", path)
