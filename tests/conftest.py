"""What every test stands on: an empty home, no AWS configuration, no colours asked for."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# A busy machine is no failure: nothing here depends on how long an example takes.
# In CI each run makes the same examples, so that a red run is about the change at hand.
hypothesis.settings.register_profile("sealscope", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("sealscope")

_FOREIGN = ("AWS_", "SEALSCOPE_", "XDG_", "BOTO_", "TEXTUAL_", "NO_COLOR", "FORCE_COLOR", "TERM")


@pytest.fixture(autouse=True)
def empty_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test starts as on a new machine, and can harm nothing of this one."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(_FOREIGN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TERM", "xterm-256color")
    # Without this boto3 asks the address of the cloud's metadata service for credentials.
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    return home


@pytest.fixture(params=["unnamed", "named"])
def temporary(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both kinds of temporaries: Linux's unnamed one, and the hidden file elsewhere."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    elif not hasattr(os, "O_TMPFILE"):
        pytest.skip("this system has no unnamed files")
    return str(request.param)
