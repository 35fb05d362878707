"""The controls: what takes the place of a check's function when the check is switched off."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from liangzheng.verification import (
    annotated_checks,
    cms_checks,
    file_checks,
    issuer_checks,
    licence_checks,
    lone_files,
    pdf_checks,
    seal_checks,
)
from liangzheng.verification.timestamp_checks import NO_STAMP
from liangzheng.verification.verdict import Check, Result
from tests.mutants.campaign import Patch


def passing(name: str) -> Callable[..., Check]:
    """Give a check that finds everything good."""
    return lambda *_parts, **_facts: Check(name, Result.PASS)


def _patched(name: str, *places: tuple[object, str]) -> tuple[Patch, ...]:
    return tuple((module, function, passing(name)) for module, function in places)


_STAMPS: tuple[Patch, ...] = tuple(
    (module, "judge_timestamp", lambda *_parts, **_facts: NO_STAMP) for module in (seal_checks, cms_checks, lone_files)
)
_COVERAGE = ((file_checks, "coverage"), (annotated_checks, "coverage"), (pdf_checks, "_coverage"))
_LICENCE = ("metadata_present", "issuer_matches", "in_validity", "status")

OFF: Mapping[str, tuple[Patch, ...]] = {
    "file_digests": _patched("file_digests", (seal_checks, "_file_digests")),
    "seal_identity": _patched(
        "seal_identity", (seal_checks, "_seal_identity"), (cms_checks, "_seal_identity"), (lone_files, "_made_by")
    ),
    "seal_signature": _patched(
        "seal_signature", (seal_checks, "_seal_signature"), (cms_checks, "_signature"), (cms_checks, "_detached_signature")
    ),
    "signer_in_seal": _patched("signer_in_seal", (seal_checks, "_signer_in_seal")),
    "seal_validity": _patched(
        "seal_validity", (seal_checks, "_seal_validity"), (cms_checks, "_signing_time"), (lone_files, "_in_period")
    ),
    # Who is not trusted has no list of revocations that counts either: both fall together.
    "issuer_trusted": (
        *_patched("issuer_trusted", (issuer_checks, "_trusted")),
        *_patched("issuer_not_revoked", (issuer_checks, "_not_revoked")),
    ),
    "issuer_not_revoked": _patched("issuer_not_revoked", (issuer_checks, "_not_revoked")),
    "timestamp": _STAMPS,
    "coverage": _patched("coverage", *_COVERAGE),
    "annotation_signed": _patched("annotation_signed", (annotated_checks, "_signed")),
    "annotation_in_time": _patched("annotation_in_time", (annotated_checks, "_in_time")),
    "original_bound": _patched("original_bound", (annotated_checks, "_bound")),
    **{name: _patched(name, (licence_checks, f"_{name}")) for name in _LICENCE if name != "metadata_present"},
}
"""By check id."""
