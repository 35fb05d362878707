"""What was changed in a PDF after a signature: pyHanko's difference analysis, narrowed to what a licence may go through.

Lawful are further signatures, document timestamps and validation data (DSS), document information and XMP (compared by
`reading`), within the limits the signer set (DocMDP, FieldMDP). Filling in form fields is not: it changes what is shown.
"""

from __future__ import annotations

from enum import IntEnum

from pyhanko.pdf_utils import generic
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from liangzheng.formats.pdf.bounded import BoundedReader, entries, entry

_BACKGROUND = ModificationLevel.LTA_UPDATES
_POLICY = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),
        *(
            rule.as_qualified(_BACKGROUND)
            for rule in (DocInfoRule(), XrefStreamRule(), ObjectStreamRule(), DSSCompareRule(), MetadataUpdateRule())
        ),
    ],
    form_rule=FormUpdatingRule(field_rules=[SigFieldCreationRule(), SigFieldModificationRule()]),
)


class Change(IntEnum):
    """The most that happened after a signature."""

    NOTHING = 0
    BACKGROUND = 1  # nothing that is shown
    SIGNATURES = 2  # further signatures, perhaps with a picture
    OTHER = 3


def changes_since(reader: BoundedReader, revision: int, signature: generic.DictionaryObject) -> Change:
    """Review every later revision against the signed one. Call inside `refusing`: a file may be too odd to be compared."""
    if revision + 1 == reader.total_revisions:
        return Change.NOTHING
    permission = _permission(signature)
    found = _POLICY.review_file(reader, revision, field_mdp_spec=_locked_fields(signature), doc_mdp=permission)
    if isinstance(found, SuspiciousModification):
        return Change.OTHER
    level = found.modification_level
    if level > ModificationLevel.FORM_FILLING or (permission and level.value > permission.value):
        return Change.OTHER
    return Change.SIGNATURES if level is ModificationLevel.FORM_FILLING else Change.BACKGROUND


def _permission(signature: generic.DictionaryObject) -> MDPPerm | None:
    found = _transform(signature, "/DocMDP")
    return None if found is None else MDPPerm(int(entry(found, "/P") or MDPPerm.FILL_FORMS.value))


def _locked_fields(signature: generic.DictionaryObject) -> FieldMDPSpec | None:
    found = _transform(signature, "/FieldMDP")
    return None if found is None else FieldMDPSpec.from_pdf_object(found)


def _transform(signature: generic.DictionaryObject, method: str) -> generic.DictionaryObject | None:
    for reference in entries(signature, "/Reference"):
        if entry(reference, "/TransformMethod") == method:
            found: generic.DictionaryObject = reference["/TransformParams"]
            return found
    return None
