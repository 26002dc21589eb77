"""What the integration tests share: real servers, started for a test and ended with it."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("RESEDGE_BUILD", ROOT / "build"))
TOOLS = pathlib.Path(os.environ.get("RESEDGE_TOOLS", ROOT / "build" / "tools"))
FIXTURE = ROOT.parent / "shared" / "fixtures" / "res-edge-labs"
SAMPLES = ROOT / "examples" / "retailer"
