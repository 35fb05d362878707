"""Those around a log, each at an address of its own: a witness, and a time-stamp authority."""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from liangzheng.auditlog.peers import WitnessAddress, read_peers
from liangzheng.auditlog.sequencer import LogSigner
from liangzheng.formats.timestamp import reply_with, stamp_imprint
from liangzheng.formats.timestamp_request import REPLY_TYPE, REQUEST_TYPE, read_timestamp_request
from liangzheng.server.log_witness import witness_server
from tests.verification.time_authority import POLICY, TimeAuthority

NAME = "witness.example/weifang-demo"
Answer = Callable[[bytes], bytes]


@contextmanager
def serving_witness(folder: Path, logs: LogSigner) -> Iterator[WitnessAddress]:
    """`liangzheng log witness` over HTTP."""
    peers = folder / "peers.json"
    folder.mkdir(exist_ok=True)
    peers.write_text(json.dumps({"logs": [key.vkey for key in logs.public]}), encoding="utf-8")
    args = argparse.Namespace(peers=peers, name=NAME, key=folder / "key.pem", state=folder / "state", host="127.0.0.1", port=0)
    server, vkey = witness_server(args)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        (folder / "mine.json").write_text(
            json.dumps({"witnesses": [{"key": vkey, "url": f"http://127.0.0.1:{server.server_port}"}]}), encoding="utf-8"
        )
        yield read_peers(folder / "mine.json").witnesses[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def honest(authority: TimeAuthority, *, shift: int = 0, imprint: bytes = b"") -> Answer:
    """An authority's answer; `shift` changes the number that has to come back, `imprint` what is stamped."""

    def answer(request: bytes) -> bytes:
        asked = read_timestamp_request(request)
        assert asked.nonce is not None
        token = stamp_imprint(
            (asked.digest_oid, imprint or asked.imprint),
            authority.key,
            authority.certificate,
            datetime.now(UTC).replace(microsecond=0),
            serial=9,
            policy=POLICY,
            nonce=asked.nonce + shift,
        )
        return reply_with(token)

    return answer


@contextmanager
def serving_authority(answer: Answer, status: int = 200) -> Iterator[str]:
    """A time-stamp authority at an address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == REQUEST_TYPE
            reply = answer(body)
            self.send_response(status)
            self.send_header("Content-Type", REPLY_TYPE)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
