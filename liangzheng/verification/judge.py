"""Judges whatever file is given, told apart by content: licence (OFD, PDF), seal, list, time stamp, code as text. Pure."""

from __future__ import annotations

from datetime import datetime

from liangzheng.codes.offline_code import PREFIX
from liangzheng.codes.signed import classify
from liangzheng.crypto.der import DerError
from liangzheng.formats.jws import token_type
from liangzheng.formats.seals.seal import read_seal
from liangzheng.formats.trust_list import MEDIA_TYPE
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.verification.annotated_checks import judge_ofd
from liangzheng.verification.code_texts import judge_code_text
from liangzheng.verification.file_checks import FileReport, TrustMaterial
from liangzheng.verification.lone_files import judge_seal_file, judge_status_list, judge_timestamp_file, judge_trust_list
from liangzheng.verification.pdf_checks import judge_pdf

_ZIP, _PDF, _SEQUENCE = b"PK\x03\x04", b"%PDF-", b"\x30"
_COSE = (b"\xd2", b"\xd8")
_HEADER = 1024  # a PDF may begin with something else
_LONGEST_TEXT = 4096
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")


def judge(data: bytes, trust: TrustMaterial, at: datetime) -> FileReport:
    """Judge a file as of `at` (aware). Raises UnreadableFile: of no known kind, or not readable as the kind that it is."""
    if data.startswith(_ZIP):
        return judge_ofd(data, trust, at)
    if _PDF in data[:_HEADER]:
        return judge_pdf(data, trust, at)
    if data.startswith(_COSE):
        return judge_status_list(data, trust, at)
    if data.startswith(_SEQUENCE) and not data.isascii():
        return _judge_der(data, trust, at)
    if data.startswith(_PICTURES):
        raise UnreadableFile("no_code_in_picture")
    return _judge_text(data, trust, at)


def _judge_der(data: bytes, trust: TrustMaterial, at: datetime) -> FileReport:
    try:
        read_seal(data)
    except DerError:
        return judge_timestamp_file(data, trust, at)
    return judge_seal_file(data, trust, at)


def _judge_text(data: bytes, trust: TrustMaterial, at: datetime) -> FileReport:
    token = data.strip()
    typ = token_type(token) if token.startswith(b"ey") else ""
    if typ:
        return judge_trust_list(token, trust, at) if typ == MEDIA_TYPE else judge_status_list(token, trust, at)
    try:
        text = token.decode()
    except UnicodeDecodeError as error:
        raise UnreadableFile("unknown_kind") from error
    # Any text may be somebody else's code; as a file it is taken for one only when it is of a form of ours.
    if len(text) > _LONGEST_TEXT or (not text.startswith(PREFIX) and classify(text) in {"foreign_code", "unreadable"}):
        raise UnreadableFile("unknown_kind")
    return judge_code_text(text, trust, at)
