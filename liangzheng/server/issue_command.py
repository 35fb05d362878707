"""`liangzheng issue RECORD.json -o OUT.ofd`: writes and seals a demo licence. Needs no database, no settings and no network.

Whatever it issues says 演示 on its face and in what is signed; nothing turns that off. Exit codes: 0 written, 3 not written (the
reason is named), 64 wrong call.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import zxingcpp
from PIL import Image

from liangzheng.crypto.certificates import BadCertificate
from liangzheng.crypto.keys import BadKey
from liangzheng.formats.ofd.errors import FaceError
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.ofd.writer import write_licence_ofd
from liangzheng.server.demo_authority import SIGNER, STATUS_SIZE, STATUS_URI, TRUST, make_demo_authority, replace_file
from liangzheng.server.licence_record import BadRecord, Record, read_record
from liangzheng.server.signing_files import (
    CHINA,
    DONE,
    CannotSign,
    Parser,
    Signing,
    add_signing,
    failed,
    now,
    read_file,
    read_fonts,
    read_signing,
)
from liangzheng.server.verify_report import shown
from liangzheng.verification.signer_checks import organisation_code_of


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these words; gives the exit code."""
    parser = Parser(prog="liangzheng issue", description="签发演示电子证照；照面和元数据都写明“演示”")
    parser.add_argument("record", nargs="?", type=Path, metavar="RECORD", help="证照记录（JSON）；与演示签发机构同用时可以不写")
    parser.add_argument(
        "--make-demo-authority",
        type=Path,
        metavar="FOLDER",
        dest="authority",
        help="在此文件夹建立（或者沿用）演示签发机构并用它签发",
    )
    add_signing(parser)
    args = parser.parse_args(argv)
    own = (args.key, args.certificate, args.seal)
    if (args.authority and any(own)) or not (args.authority or (all(own) and args.record)):
        parser.error("RECORD --key --certificate --seal, or --make-demo-authority")
    return run(args)


def run(args: argparse.Namespace) -> int:
    """Read, draw, seal, write; say what was done."""
    try:
        record, folder = _record(args.record)
        at = now()
        signing, record = _fitting(*_signing(args, record, at))
        photo = read_file(folder / record.photo) if record.photo else None
        document = record.document(photo, _code(record.metadata.identifier), at.astimezone(CHINA).date())
        sealed = seal_ofd(write_licence_ofd(document, *read_fonts(args.font)), signing.seal, signing.key, at)
        replace_file(args.output, sealed)
    except (BadRecord, CannotSign, FaceError) as error:
        return failed(error.reason, error.detail)
    except OSError as error:
        return failed("file_not_written", str(error.filename or args.output))
    sys.stdout.write(f"已签发（演示）：{shown(str(args.output))}　{shown(record.metadata.identifier)}\n")
    if args.authority:
        sys.stdout.write(f"核验：liangzheng verify {shown(str(args.output))} --trust {shown(str(args.authority / TRUST))}\n")
    return DONE


def _record(path: Path | None) -> tuple[Record, Path]:
    """Read the record, or the example, and give the folder in which its photo lies."""
    if path is None:
        return read_record(files("liangzheng.server").joinpath("data/example-record.json").read_bytes()), Path()
    return read_record(read_file(path)), path.parent


def _signing(args: argparse.Namespace, record: Record, at: datetime) -> tuple[Signing, Record]:
    folder: Path | None = args.authority
    if folder is None:
        return read_signing(args.key, args.certificate, args.seal), record
    try:
        make_demo_authority(folder, record.metadata.issuer, record.metadata.issuer_code, at)
    except (BadKey, BadCertificate) as error:
        raise CannotSign("authority_incomplete", str(folder)) from error
    signing = read_signing(folder / f"{SIGNER}.key.pem", folder / f"{SIGNER}.cer", folder / f"{SIGNER}.esl")
    return signing, record.named(STATUS_URI, STATUS_SIZE)


def _fitting(signing: Signing, record: Record) -> tuple[Signing, Record]:
    """Give both back, or CannotSign: a licence sealed by another body than its issuer would be found invalid."""
    if organisation_code_of(signing.certificate) != record.metadata.issuer_code:
        raise CannotSign("issuer_differs", record.metadata.issuer_code)
    return signing, record


def _code(text: str) -> bytes:
    """Draw a QR code as PNG, error correction M."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    written = io.BytesIO()
    Image.fromarray(barcode.to_image(scale=4)).save(written, "PNG")
    return written.getvalue()


if __name__ == "__main__":
    sys.exit(main())
