"""The local KMS over HTTP: for other programs of this machine, and for nobody else."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from sealscope import errors
from sealscope.kms.local import LocalStore, serve
from sealscope.kms.local.loopback import MAX_BODY_BYTES, LoopbackServer


@pytest.fixture
def server(store: LocalStore) -> Iterator[LoopbackServer]:
    with LoopbackServer(store, 0) as running:
        yield running


@pytest.fixture
def remote(server: LoopbackServer) -> Any:
    return boto3.client(
        "kms",
        endpoint_url=server.address,
        region_name="local",
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )


def ask(
    server: LoopbackServer,
    headers: dict[str, str],
    body: bytes = b"{}",
    *,
    method: str = "POST",
    path: str = "/",
) -> tuple[int, bytes]:
    place = urlsplit(server.address)
    assert place.hostname is not None
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        sent = {"Host": place.netloc, "Content-Length": str(len(body)), **headers}
        for name, value in sent.items():
            if value:
                connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


LIST_KEYS = {"X-Amz-Target": "TrentService.ListKeys"}


class TestAClientOfAnotherProgram:
    def test_works_as_with_aws(self, remote: Any, kms: Any) -> None:
        blob = remote.encrypt(KeyId="alias/getting-started", Plaintext=b"x")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
        with pytest.raises(remote.exceptions.NotFoundException):
            remote.describe_key(KeyId="alias/nothing")

    def test_learns_who_it_is(self, server: LoopbackServer) -> None:
        sts = boto3.client(
            "sts",
            endpoint_url=server.address,
            region_name="local",
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )
        assert sts.get_caller_identity()["Account"] == "000000000000"

    def test_may_be_many_at_once(self, remote: Any) -> None:
        done: list[int] = []

        def work() -> None:
            for _ in range(10):
                remote.generate_data_key(KeyId="alias/getting-started", KeySpec="AES_256")
            done.append(1)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(done) == 4


class TestTheDoor:
    def test_is_open_on_the_loopback_interface_only(self, server: LoopbackServer) -> None:
        assert server.address.startswith("http://127.0.0.1:")
        assert server._server.server_address[0] == "127.0.0.1"

    def test_lets_in_who_names_this_machine(self, server: LoopbackServer) -> None:
        assert ask(server, LIST_KEYS)[0] == 200
        port = urlsplit(server.address).port
        assert ask(server, {**LIST_KEYS, "Host": f"localhost:{port}"})[0] == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {"Host": "attacker.example"},
            {"Host": "127.0.0.1"},
            {"Host": ""},
            {"Origin": "https://attacker.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "same-origin"},
        ],
    )
    def test_is_shut_for_web_pages(self, server: LoopbackServer, headers: dict[str, str]) -> None:
        assert ask(server, {**LIST_KEYS, **headers}) == (403, b"")

    @pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS", "DELETE"])
    def test_takes_posts_only(self, server: LoopbackServer, method: str) -> None:
        assert ask(server, LIST_KEYS, method=method)[0] == 501

    def test_knows_one_path(self, server: LoopbackServer) -> None:
        assert ask(server, LIST_KEYS, path="/other")[0] == 403

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Content-Length": ""}, 411),
            ({"Content-Length": "-1"}, 411),
            ({"Content-Length": "many"}, 411),
            ({"Transfer-Encoding": "chunked"}, 411),
            ({"Content-Length": str(MAX_BODY_BYTES + 1)}, 413),
            ({"Content-Length": "9" * 5000}, 413),
        ],
    )
    def test_takes_bodies_of_a_known_and_bounded_length(
        self, server: LoopbackServer, headers: dict[str, str], status: int
    ) -> None:
        assert ask(server, {**LIST_KEYS, **headers}, b"")[0] == status

    def test_answers_other_services_with_not_found(self, server: LoopbackServer) -> None:
        assert ask(server, {}, b"Action=AssumeRole")[0] == 404
        assert ask(server, {}, b"\xff\xfe")[0] == 404

    def test_answers_broken_calls_as_kms_does(self, server: LoopbackServer) -> None:
        status, body = ask(server, {"X-Amz-Target": "TrentService.Encrypt"}, b"{")
        assert (status, json.loads(body)["__type"]) == (400, "SerializationException")

    def test_says_nothing_about_itself(
        self, server: LoopbackServer, capfd: pytest.CaptureFixture[str]
    ) -> None:
        place = urlsplit(server.address)
        with socket.create_connection((place.hostname, place.port)) as raw:
            raw.sendall(b"garbage\r\n\r\n")
            assert b"Python" not in raw.recv(4096)
        ask(server, {**LIST_KEYS, "Host": "x"})
        assert capfd.readouterr() == ("", "")


class TestServing:
    def test_on_a_taken_port_says_so(self, store: LocalStore, server: LoopbackServer) -> None:
        port = urlsplit(server.address).port
        assert port is not None
        with pytest.raises(errors.StoreError, match="cannot be served") as caught:
            serve(store, port, ready=print)
        assert "--port" in caught.value.hint

    @pytest.mark.parametrize("port", [-1, 70_000])
    def test_on_a_port_that_cannot_be_says_so(self, store: LocalStore, port: int) -> None:
        with pytest.raises(errors.StoreError, match="cannot be served"):
            serve(store, port, ready=print)

    def test_asks_no_name_server_who_it_is(
        self, store: LocalStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def asked(*_: object) -> None:
            pytest.fail("a name was looked up")

        for name in ("getfqdn", "gethostbyaddr", "getaddrinfo"):
            monkeypatch.setattr(socket, name, asked)
        with LoopbackServer(store, 0):
            pass

    def test_ends_when_it_is_stopped(self, store: LocalStore) -> None:
        with LoopbackServer(store, 0) as running:
            waiting = threading.Thread(target=running.wait)
            waiting.start()
            running.stop()
            waiting.join(timeout=30)
            assert not waiting.is_alive()
        port = urlsplit(running.address).port
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))

    def test_ends_with_an_idle_connection_open(self, store: LocalStore) -> None:
        with LoopbackServer(store, 0) as running:
            idle = socket.create_connection(("127.0.0.1", urlsplit(running.address).port))
        idle.close()

    def test_in_a_process_of_its_own_ends_by_interrupt(self, path: Path) -> None:
        code = (
            "import sys; from pathlib import Path\n"
            "from sealscope.kms.local import LocalStore, serve\n"
            "store = LocalStore.open(Path(sys.argv[1]))\n"
            "serve(store, 0, ready=lambda address: print(address, flush=True))\n"
            "store.close(); print('bye')"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        client = boto3.client(
            "kms",
            endpoint_url=address,
            region_name="local",
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )
        assert len(client.list_keys()["Keys"]) == 1
        os.kill(process.pid, signal.SIGINT)
        assert process.communicate(timeout=60)[0] == "bye\n"
        assert process.returncode == 0
        assert [file.name for file in path.parent.iterdir()] == [path.name]
