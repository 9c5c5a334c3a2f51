"""The local KMS over HTTP on the loopback interface, for other programs.

`AWS_ENDPOINT_URL_KMS=http://127.0.0.1:PORT` makes the AWS CLI and SDKs use it, with the Region
`local` and any credentials: signatures are not checked, so every program of every user
of this machine may use the keys while it runs. Nothing from other machines gets in: the socket
is bound to 127.0.0.1, and the Host and Origin headers are checked, so that a web page cannot
reach it through a browser either.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Final, Self, cast
from urllib.parse import parse_qs

from sealscope import errors
from sealscope.kms.local import wire
from sealscope.kms.local.identity import caller_identity
from sealscope.kms.local.store import LocalStore

ADDRESS: Final = "127.0.0.1"
REGION: Final = "local"
MAX_BODY_BYTES: Final = 1024 * 1024
IDLE_SECONDS: Final = 60
"""A connection that says nothing for so long is closed."""


def serve(store: LocalStore, port: int, *, ready: Callable[[str], None]) -> None:
    """Answer KMS calls on 127.0.0.1 until the process is interrupted.

    Args:
        store: an open store.
        port: 0 takes any free port.
        ready: called once with the address, `http://127.0.0.1:PORT`.

    Raises:
        StoreError: the port is taken.
    """
    with LoopbackServer(store, port) as server:
        ready(server.address)
        server.wait()


class LoopbackServer:
    """The server in a thread of its own, from `with` to the end of its block."""

    def __init__(self, store: LocalStore, port: int) -> None:
        handler = type("_BoundHandler", (_Handler,), {"store": store})
        try:
            self._server = _Server((ADDRESS, port), handler)
        except (OSError, OverflowError) as error:
            # OverflowError: there is no such port.
            raise errors.StoreError(
                "The local KMS cannot be served",
                f"{ADDRESS}:{port}: {error}",
                "Name another port with --port.",
            ) from error
        self.address = f"http://{ADDRESS}:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._thread.join()
        self._server.server_close()

    def stop(self) -> None:
        """Take no more requests; `wait` returns."""
        self._server.shutdown()

    def wait(self) -> None:
        """Sleep until `stop`, or until the process is interrupted."""
        try:
            self._thread.join()
        except KeyboardInterrupt:
            return


class _Server(ThreadingHTTPServer):
    # Idle kept-alive connections must not keep the process from ending.
    daemon_threads = True
    block_on_close = False

    def server_bind(self) -> None:
        """Bind, without the base class's question to the name servers what our name is."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a peer that hangs up is no fault, and a traceback may hold a body."""


class _Handler(BaseHTTPRequestHandler):
    store: LocalStore
    protocol_version = "HTTP/1.1"
    server_version = "Sealscope"
    sys_version = ""
    timeout = IDLE_SECONDS

    def do_POST(self) -> None:
        """Answer one KMS call, or GetCallerIdentity."""
        if not self._is_from_here():
            self._refuse(HTTPStatus.FORBIDDEN)
            return
        body = self._body()
        if body is None:
            return
        target = self.headers.get("X-Amz-Target")
        if target is not None:
            answer = wire.handle(self.store, REGION, target, body)
            self._send(answer.status, answer.headers, answer.body)
            return
        action = parse_qs(body.decode("latin-1")).get("Action", [""])[0]
        if action == "GetCallerIdentity":
            request_id = str(uuid.uuid4())
            self._send(200, {"Content-Type": "text/xml"}, caller_identity(request_id))
            return
        self._refuse(HTTPStatus.NOT_FOUND)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Keep the terminal quiet."""

    def _is_from_here(self) -> bool:
        port = cast("_Server", self.server).server_port
        hosts = {f"{ADDRESS}:{port}", f"localhost:{port}"}
        browser = "Origin" in self.headers or "Sec-Fetch-Site" in self.headers
        return self.headers.get("Host") in hosts and not browser and self.path == "/"

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or "Transfer-Encoding" in self.headers:
            self._refuse(HTTPStatus.LENGTH_REQUIRED)
            return None
        if len(length) > 10 or int(length) > MAX_BODY_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return None
        return self.rfile.read(int(length))

    def _refuse(self, status: HTTPStatus) -> None:
        # What else the peer sends cannot be told apart from the refused body.
        self.close_connection = True
        self._send(status, {"Content-Type": "text/plain", "Connection": "close"}, b"")

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
