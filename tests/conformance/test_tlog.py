"""Merkle proofs and a tiled log that others published: each proof judged as its authors say, each tile and signature the same."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

from liangzheng.auditlog.merkle import (
    EMPTY_ROOT,
    Growth,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    node_of_tiles,
)
from liangzheng.auditlog.note import read_checkpoint, read_key, read_note
from liangzheng.auditlog.tile_paths import ENTRIES, bundle, entries_of, tile_path
from tests.conformance.tally import Tally

# The key under which Tessera's test log is published; its id is bound to it, and it verifies all sixteen checkpoints.
TESSERA = read_key("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")


def decoded(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_inclusion_proofs(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("merkle-proofs, inclusion")
    folder = corpora / "merkle-proofs" / "testdata" / "inclusion"
    for path in sorted(folder.rglob("*.json")):
        case = json.loads(path.read_bytes())
        proof = [decoded(step) for step in case["proof"] or []]
        passes = is_included(decoded(case["leafHash"]), case["leafIdx"], case["treeSize"], decoded(case["root"]), proof)
        tally.judge(str(path.relative_to(folder)), should_pass=not case["wantErr"], passes=passes)
    tally.settle(capsys, at_least=60)


def test_consistency_proofs(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("merkle-proofs, consistency")
    folder = corpora / "merkle-proofs" / "testdata" / "consistency"
    for path in sorted(folder.rglob("*.json")):
        case = json.loads(path.read_bytes())
        proof = [decoded(step) for step in case["proof"] or []]
        passes = is_consistent(case["size1"], case["size2"], decoded(case["root1"]), decoded(case["root2"]), proof)
        tally.judge(str(path.relative_to(folder)), should_pass=not case["wantErr"], passes=passes)
    for path in (corpora / "merkle-proofs" / "testdata").glob("subtree*/**/*.json"):
        assert path.is_file()
        tally.skip("proofs of subtrees, which a log of this kind does not give")
    tally.settle(capsys, at_least=60)


@pytest.mark.parametrize("size", range(1, 16))
def test_the_tiled_log_of_others_is_rebuilt_byte_for_byte(corpora: Path, size: int) -> None:
    log = corpora / "tlog-tiles" / "testdata" / "log"
    entries = list(entries_of((log / tile_path(ENTRIES, 0, size)).read_bytes()))
    assert bundle(entries) == (log / tile_path(ENTRIES, 0, size)).read_bytes()
    growth = Growth()
    assert not list(growth.append(map(leaf_hash, entries)))
    (tile,) = growth.partial_tiles()
    assert tile.hashes == (log / tile_path(0, 0, size)).read_bytes()
    note = read_note((log / f"checkpoint.{size}").read_bytes())
    assert note.signed_by([TESSERA]) == [TESSERA]
    assert note.encoded == (log / f"checkpoint.{size}").read_bytes()
    checkpoint = read_checkpoint(note.text)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == ("example.com/log/testdata", size, growth.root())


def test_the_empty_log_of_others(corpora: Path) -> None:
    note = read_note((corpora / "tlog-tiles" / "testdata" / "log" / "checkpoint.0").read_bytes())
    checkpoint = read_checkpoint(note.text)
    assert (checkpoint.size, checkpoint.root, note.signed_by([TESSERA])) == (0, EMPTY_ROOT, [TESSERA])


def test_ranges_of_others_are_proven(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The published ranges (begin, end) are taken as a leaf and a tree, and as an old and a new tree, up to 70,000 leaves."""
    tally = Tally("merkle-proofs, ranges")
    for path in sorted((corpora / "merkle-proofs" / "compact").rglob("FuzzRangeNodes/*")):
        low, high = (int(number) for number in re.findall(r"uint64\((\d+)\)", path.read_text(encoding="utf-8")))
        if not 0 < low < high <= 70_000:
            tally.skip("an empty range, or more leaves than are built here")
            continue
        leaves = [leaf_hash(number.to_bytes(4, "big")) for number in range(high)]
        roots: dict[int, bytes] = {}
        tiles: dict[tuple[int, int], bytes] = {}
        growth = Growth()
        for start, end in ((0, low), (low, high)):
            tiles |= {(tile.level, tile.index): tile.hashes for tile in growth.append(leaves[start:end])}
            roots[end] = growth.root()
        tiles |= {(tile.level, tile.index): tile.hashes for tile in growth.partial_tiles()}
        node = node_of_tiles(high, lambda level, index, width, tiles=tiles: tiles[level, index][: width * 32])  # type: ignore[misc]
        proof = consistency_proof(low, high, node)
        path_up = inclusion_proof(low, high, node)
        good = is_consistent(low, high, roots[low], roots[high], proof) and is_included(
            leaves[low], low, high, roots[high], path_up
        )
        tally.judge(path.name, should_pass=True, passes=good)
        wrong = is_consistent(low, high, roots[high], roots[high], proof) or is_included(
            leaves[low - 1], low, high, roots[high], path_up
        )
        tally.judge(f"{path.name}, other leaf and root", should_pass=False, passes=wrong)
    tally.settle(capsys, at_least=16)
