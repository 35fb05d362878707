"""`liangzheng log witness`: a witness by itself, with one file of state for each log and no database (C2SP tlog-witness)."""

from __future__ import annotations

import argparse
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from liangzheng.auditlog.note import key_of
from liangzheng.auditlog.peers import read_peers
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.auditlog.witness import LARGEST_REQUEST, Answer, Witness
from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.crypto.keys import BadKey
from liangzheng.storage.keystore import create_once

_READ_SECONDS = 10


def witness_server(args: argparse.Namespace) -> tuple[ThreadingHTTPServer, str]:
    """Bind the server; gives it and the witness's key. LogStopped when its file or key is unusable."""
    if not args.key.exists():
        create_once(args.key, Ed25519PrivateKey.generate().to_pem())
    try:
        key = Ed25519PrivateKey.from_pem(args.key.read_bytes())
    except BadKey as error:
        raise LogStopped("config_unreadable", str(args.key)) from error
    witness = Witness(args.name, key, read_peers(args.peers).logs, args.state)

    class Handler(_Handler):
        judge = witness

    return ThreadingHTTPServer((args.host, args.port), Handler), key_of(args.name, "cosignature", key.public_key).vkey


class _Handler(BaseHTTPRequestHandler):
    """Takes add-checkpoint and nothing else."""

    judge: Witness
    timeout = _READ_SECONDS
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer one submission; a body without a length or beyond the limit is refused unread."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint":
            answer = Answer(404)
        elif not length.isascii() or not length.isdigit() or int(length) > LARGEST_REQUEST:
            answer = Answer(413)
        else:
            answer = self._judge(self.rfile.read(int(length)))
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.close_connection = answer.status in {404, 413}
        self.end_headers()
        self.wfile.write(answer.body)

    def _judge(self, body: bytes) -> Answer:
        try:
            return self.judge.add_checkpoint(body, int(time.time()))
        except LogStopped as stopped:
            self.log_error("%s", stopped)
            return Answer(503)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing of the good answers."""
        if not (args and str(args[0]).startswith("POST")):
            super().log_message(format, *args)
