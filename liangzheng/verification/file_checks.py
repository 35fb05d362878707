"""Judges a licence file (证照文件核验): fifteen numbered checks over one OFD, pure, with clock and trust as arguments.

Checks 2 to 9 are those of each seal (`seal_checks`), 11 to 15 those of any licence (`licence_checks`); coverage is added here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from liangzheng.formats.ofd.annotation import Annotation
from liangzheng.formats.ofd.metadata import LicenceMetadata, read_metadata
from liangzheng.formats.ofd.package import OfdPackage, read_ofd
from liangzheng.verification.licence_checks import judge_licence
from liangzheng.verification.seal_checks import judge_seal, worst_of
from liangzheng.verification.signer_checks import FAIL, NOT_APPLICABLE, PASS, SealFacts, TrustMaterial, utc_text
from liangzheng.verification.verdict import Check, Mode, Verdict, conclude

__all__ = ["FileReport", "SealFacts", "TrustMaterial", "judge_licence_file"]


@dataclass(frozen=True, slots=True)
class FileReport:
    """The judgement of one file. `kind` is `licence_ofd` when the file describes a licence, else `ofd`.

    Of an annotated copy (加注件) `inner` is the judgement of the original that lies in it.
    """

    kind: str
    verdict: Verdict
    seals: tuple[SealFacts, ...]
    metadata: LicenceMetadata | None
    annotation: Annotation | None = None
    inner: FileReport | None = None

    @property
    def is_demo(self) -> bool:
        """Say whether the file, or the original in it, says of itself that it is a demo."""
        own = (self.metadata, self.annotation, self.inner)
        return any(part.is_demo for part in own if part)

    def to_json(self) -> dict[str, object]:
        """Give the report without words, as `liangzheng verify --json` prints it."""
        of_copy = {} if self.annotation is None else {"annotation": self.annotation.to_json()}
        return {
            "kind": self.kind,
            "standing": self.verdict.standing.value,
            "reasons": list(self.verdict.reasons),
            "checks": [
                {"id": check.id, "result": check.result.value, "reason": check.reason, "detail": check.detail}
                for check in self.verdict.checks
            ],
            "as_of": utc_text(self.verdict.as_of),
            "seals": [seal.to_json() for seal in self.seals],
            "metadata": self.metadata.to_json() if self.metadata else None,
            **of_copy,
            **({} if self.inner is None else {"inner": self.inner.to_json()}),
        }


def judge_licence_file(data: bytes, trust: TrustMaterial, at: datetime) -> FileReport:
    """Judge a licence file as of `at` (aware). Raises OfdError when the bytes are no OFD that may be read."""
    return judge_package(read_ofd(data), trust, at)


def judge_package(package: OfdPackage, trust: TrustMaterial, at: datetime) -> FileReport:
    """Judge an OFD that was read already."""
    metadata = read_metadata(package.custom_items)
    licence_type = metadata.type_code or None if metadata else None
    judged = [judge_seal(package, index, trust, at, licence_type) for index in range(len(package.signatures))]
    signed_by = [seal.facts.organisation_code for seal in judged if seal.protects_entry]
    checks = (
        Check("file_readable", PASS),  # 1
        *worst_of(judged),  # 2 to 9
        coverage(package),  # 10
        *judge_licence(metadata, signed_by=signed_by if judged else None, trust=trust, at=at),  # 11 to 15
    )
    return FileReport(
        kind="licence_ofd" if metadata else "ofd",
        verdict=conclude(checks, as_of=at, mode=Mode.FILE),
        seals=tuple(seal.facts for seal in judged),
        metadata=metadata,
    )


def coverage(package: OfdPackage) -> Check:
    """10. Nothing lies in the package that no signature protects; every signature is judged, so each of them has to be good.

    Left out: the signatures' own three files, and the list of signatures, which every further signature changes and many
    programs do not protect; each entry of that list is judged here anyway.
    """
    if not package.signatures:
        return Check("coverage", NOT_APPLICABLE)
    protected = {reference.path for item in package.signatures for reference in item.references}
    own = {path for item in package.signatures for path in (item.path, item.value_path, item.seal_path, item.index_path)}
    if open_paths := sorted(set(package.files) - protected - own):
        return Check("coverage", FAIL, "uncovered_content", open_paths[0])
    return Check("coverage", PASS)
