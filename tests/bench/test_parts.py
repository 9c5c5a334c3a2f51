"""The parts that need no other program, measured for once on something small."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sealscope.kms.connection import Target, connect
from sealscope.kms.facade import KmsGate
from tests.bench import __main__ as bench
from tests.bench import kms_calls, large_file, memory, parts
from tests.bench.counting_server import counting_kms
from tests.bench.figure import Figure
from tests.bench.local_kms import exported, make_local_kms
from tests.bench.peers import Peers
from tests.bench.readme_table import BEGIN, END, rows
from tests.bench.settings import Settings


def test_the_large_file_is_measured_and_absent_peers_are_named(tmp_path: Path) -> None:
    cp = shutil.which("cp")
    settings = Settings(1 << 20, 1, tmp_path, Peers(cp=Path(cp) if cp else None))
    figures = large_file.measure(settings)
    assert len({figure.name for figure in figures}) == len(figures)
    measured = [figure for figure in figures if figure.verdict != "skipped"]
    assert {figure.goal for figure in measured} == {"at most 1.25 x cp"}
    reasons = {figure.seconds for figure in figures if figure.verdict == "skipped"}
    assert reasons == {f"{name} is not installed" for name in settings.peers.absent()}
    assert list(tmp_path.iterdir()) == []


class TestCountingCalls:
    def test_is_done_by_the_service(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in kms_calls.AWS.items():
            monkeypatch.setenv(name, value)
        kms = make_local_kms(tmp_path / "home")
        with counting_kms(kms.store) as (address, calls):
            connection = connect(Target(endpoint_url=address))
            gate = KmsGate(connection)
            for _ in range(3):
                gate.generate_data_key(kms.key_arn, 32, {})
            gate.describe_key(kms.key_arn)
            connection.close()
        assert calls == {"GenerateDataKey": 3, "DescribeKey": 1}

    @pytest.mark.parametrize(("count", "verdict"), [(0, "NOT MET"), (5, "met"), (6, "NOT MET")])
    def test_no_call_at_all_is_no_success(self, count: int, verdict: str) -> None:
        ours, theirs = kms_calls.figures({"GenerateDataKey": count, "DescribeKey": 1}, None)
        assert (ours.value, ours.verdict) == (str(count), verdict)
        assert ours.seconds == f"1 DescribeKey, {count} GenerateDataKey"
        assert theirs.verdict == "skipped"


class TestMemory:
    def test_of_children_counts(self) -> None:
        child = "import time; x = b'x' * (64 << 20); time.sleep(0.3)"
        parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
        _, peak = memory.run([sys.executable, "-c", parent], {})
        if Path("/proc/self/smaps_rollup").exists():
            assert peak > 64
        else:
            assert peak > 0

    def test_of_the_benchmark_itself_does_not_count(self) -> None:
        if not Path("/proc/self/smaps_rollup").exists():
            pytest.skip("this system does not tell")
        held = b"x" * (128 << 20)
        _, peak = memory.run([sys.executable, "-c", "import time; time.sleep(0.1)"], {})
        assert 1 < peak < len(held) / 2**20 / 2

    def test_a_command_that_fails_is_not_measured(self) -> None:
        with pytest.raises(subprocess.CalledProcessError):
            memory.run([sys.executable, "-c", "raise SystemExit(1)"], {})

    def test_of_a_process_that_is_gone_is_nothing(self) -> None:
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        assert memory.proportional_mib([gone.pid]) == 0


def test_the_lines_that_serve_prints_become_variables() -> None:
    lines = ["export A=http://127.0.0.1:1\n", "export B=local C=local\n"]
    assert exported(lines) == {"A": "http://127.0.0.1:1", "B": "local", "C": "local"}


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def quick_parts(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        def good(_: Settings) -> Sequence[Figure]:
            return [Figure("work", "1.00 x", "at most 2 x", met=True, seconds="1 s / 1 s")]

        def bad(_: Settings) -> Sequence[Figure]:
            raise subprocess.CalledProcessError(2, ["program"], stderr=b"why it failed")

        monkeypatch.setattr(parts, "available", lambda: {"good": good, "bad": bad})
        monkeypatch.setattr(bench, "README", tmp_path / "README.md")
        bench.README.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")

    def test_prints_each_figure_beside_its_goal(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert bench.main(["good", "--size", "1"]) == 0
        printed = capsys.readouterr().out
        for words in ("processor", "cryptography", "at most 2 x", "met", "1 s / 1 s"):
            assert words in printed

    def test_goes_on_after_a_part_that_fails_and_says_so(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert bench.main(["bad", "good", "--size", "1"]) == 1
        printed = capsys.readouterr().out
        assert "why it failed" in printed
        assert "1.00 x" in printed
        assert printed.endswith("not measured: bad\n")

    def test_leaves_the_readme_alone_when_a_part_failed(self) -> None:
        assert bench.main(["--readme", "--size", "1"]) == 1
        assert "\nold\n" in bench.README.read_text(encoding="utf-8")

    def test_puts_the_table_into_the_readme(self, monkeypatch: pytest.MonkeyPatch) -> None:
        good = parts.available()["good"]
        monkeypatch.setattr(parts, "available", lambda: {"good": good})
        assert bench.main(["--readme", "--size", "1"]) == 0
        (row,) = rows(bench.README.read_text(encoding="utf-8"))
        assert row == ("good", "work", "at most 2 x", "1.00 x", "1 s / 1 s", "met")

    def test_in_json_has_the_machine_and_the_figures(self, tmp_path: Path) -> None:
        import json

        assert bench.main(["good", "--size", "1", "--json", str(tmp_path / "run.json")]) == 0
        run = json.loads((tmp_path / "run.json").read_bytes())
        assert list(run) == ["date", "machine", "settings", "figures"]
        assert run["figures"][0]["verdict"] == "met"

    def test_with_a_peer_folder_that_is_empty_is_wrong(self, tmp_path: Path) -> None:
        assert bench.main(["good", "--peers", str(tmp_path)]) == 2
