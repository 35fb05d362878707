"""The log as anyone reads it (C2SP tlog-tiles, tlog-witness): static files, and the door of the witness."""

from __future__ import annotations

import re
import time
from pathlib import Path

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from liangzheng.auditlog.log_files import CHECKPOINT, COSIGNED
from liangzheng.auditlog.peers import read_peers
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.auditlog.tile_paths import is_tile_path
from liangzheng.auditlog.witness import LARGEST_REQUEST, Witness
from liangzheng.storage.keystore import witness_key

_STAMP = re.compile(r"stamps/[1-9][0-9]*\.(?:checkpoint|tsr)")
_FOR_EVER, _FOR_A_SECOND = "public, max-age=31536000, immutable", "public, max-age=1"


@require_GET
def log_file(_request: HttpRequest, name: str) -> HttpResponse:
    """Give a checkpoint, a tile, a bundle or a stamp; tiles never change, so anyone may keep them."""
    lasting = is_tile_path(name) or _STAMP.fullmatch(name) is not None
    if not lasting and name not in {CHECKPOINT, COSIGNED}:
        raise Http404
    try:
        data = (settings.LOG_FOLDER / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Http404 from error
    text = name.endswith(("checkpoint", COSIGNED))
    return HttpResponse(
        data,
        content_type="text/plain; charset=utf-8" if text else "application/octet-stream",
        headers={"Cache-Control": _FOR_EVER if lasting else _FOR_A_SECOND, "Access-Control-Allow-Origin": "*"},
    )


@csrf_exempt
@require_POST
def add_checkpoint(request: HttpRequest) -> HttpResponse:
    """Cosign a checkpoint of a log this machine is a witness of. No session: the checkpoint's signature is what counts."""
    try:
        body = request.read(LARGEST_REQUEST + 1)
        if len(body) > LARGEST_REQUEST:
            return HttpResponse(status=413)
        logs = read_peers(Path(settings.LOG_PEERS) if settings.LOG_PEERS else None).logs
        witness = Witness(settings.WITNESS_NAME, witness_key(), logs, settings.WITNESS_FOLDER)
        answer = witness.add_checkpoint(body, int(time.time()))
    except RequestDataTooBig:
        return HttpResponse(status=413)
    except LogStopped:
        return HttpResponse(status=503)
    return HttpResponse(answer.body, status=answer.status, content_type=answer.media_type)
