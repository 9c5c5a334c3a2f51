"""A local KMS over HTTP that counts what it is asked: the service's own view of the calls."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sealscope.kms.local import LocalStore, wire


@contextmanager
def counting_kms(store_path: Path) -> Iterator[tuple[str, Counter[str]]]:
    """The address, and the calls so far by operation, until the end of the block."""
    store = LocalStore.open(store_path)
    calls: Counter[str] = Counter()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            target = self.headers["X-Amz-Target"]
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                calls[target.rpartition(".")[2]] += 1
            answer = wire.handle(store, "local", target, body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - base class's
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", calls
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        store.close()
