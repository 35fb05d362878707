"""Witnesses: what they cosign, what they refuse, and how the log stops when they know better."""

from __future__ import annotations

import base64
import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from django.test import Client
from pytest_django import Settings

from liangzheng.auditlog.cosigning import Cosigning, last_cosigned
from liangzheng.auditlog.log_files import LogFiles
from liangzheng.auditlog.merkle import EMPTY_ROOT, Growth, consistency_proof, leaf_hash
from liangzheng.auditlog.note import Note, key_of, read_signature_lines
from liangzheng.auditlog.peers import WitnessAddress, read_peers
from liangzheng.auditlog.sequencer import LogSigner
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.auditlog.witness import Answer, Submission, Witness
from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.storage.keystore import witness_key
from tests.auditlog.logs import new_signer
from tests.auditlog.neighbours import NAME, serving_witness

AT = 1_795_600_000


@dataclass(slots=True)
class History:
    """A log of numbered entries without a database; `skip` leaves one out of the history."""

    signer: LogSigner
    files: LogFiles

    def grow(self, size: int, *, skip: int = -1) -> Note:
        entries = [leaf_hash(number.to_bytes(32, "big")) for number in range(size + (0 <= skip < size)) if number != skip]
        tree = Growth()
        full = list(tree.append(entries))
        self.files.write_tree(full, tree, [], 0)
        return self.signer.sign(tree.size, tree.root())

    def submission(self, old: int, note: Note, size: int) -> bytes:
        return Submission(old, tuple(consistency_proof(old, size, self.files.node(size))), note).encoded


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(new_signer(), LogFiles(tmp_path / "log"))


@pytest.fixture
def witness(tmp_path: Path, history: History) -> Witness:
    return Witness(NAME, Ed25519PrivateKey.generate(), history.signer.public, tmp_path / "seen")


def cosigned(witness: Witness, answer: Answer, note: Note) -> bool:
    key = key_of(NAME, "cosignature", witness.key.public_key)
    (line,) = read_signature_lines(answer.body.decode())
    return answer.status == 200 and key.verify(note.text, line.value) and line.time == AT


def test_a_growing_log_is_cosigned(history: History, witness: Witness) -> None:
    old = 0
    for size in (0, 1, 7, 256, 300, 300):
        note = history.grow(size)
        answer = witness.add_checkpoint(history.submission(old, note, size), AT)
        assert cosigned(witness, answer, note), (size, answer)
        old = size


def test_a_rewritten_and_a_rolled_back_log_are_refused(history: History, witness: Witness, tmp_path: Path) -> None:
    note = history.grow(300)
    assert witness.add_checkpoint(history.submission(0, note, 300), AT).status == 200
    other = History(history.signer, LogFiles(tmp_path / "other"))
    rewritten = other.grow(400, skip=17)
    assert witness.add_checkpoint(other.submission(300, rewritten, 400), AT).status == 422
    shorter = history.signer.sign(200, EMPTY_ROOT)
    assert witness.add_checkpoint(Submission(300, (), shorter).encoded, AT).status == 400
    assert witness.add_checkpoint(Submission(200, (), shorter).encoded, AT) == Answer(409, b"300\n", "text/x.tlog.size")
    same_size = history.signer.sign(300, bytes(32))
    assert witness.add_checkpoint(Submission(300, (), same_size).encoded, AT).status == 409
    assert witness.add_checkpoint(history.submission(0, history.grow(310), 310), AT).body == b"300\n"
    assert cosigned(witness, witness.add_checkpoint(history.submission(300, history.grow(310), 310), AT), history.grow(310))
    # Control: a witness that has seen nothing of this log cosigns the rewritten history as readily.
    fresh = Witness(NAME, witness.key, witness.logs, tmp_path / "fresh")
    assert fresh.add_checkpoint(other.submission(0, rewritten, 400), AT).status == 200


def test_strangers_and_nonsense_are_refused(history: History, witness: Witness) -> None:
    note = history.grow(3)
    body = history.submission(0, note, 3)
    stranger = new_signer()
    assert witness.add_checkpoint(Submission(0, (), stranger.sign(3, bytes(32))).encoded, AT).status == 403
    renamed = LogSigner("log.example/unknown", history.signer.keys)
    assert witness.add_checkpoint(Submission(0, (), renamed.sign(3, bytes(32))).encoded, AT).status == 404
    steps = base64.b64encode(bytes(32)) + b"\n"
    for wrong in (
        b"",
        body[4:],
        body.replace(b"old 0", b"old 00"),
        body.replace(b"old 0", b"old -1"),
        body.replace(b"old 0\n", b"old 0\n" + steps * 64),
        body.replace(b"old 0\n", b"old 0\nAAAA\n"),
        body.replace(b"\n3\n", b"\n03\n"),
        body.rstrip(b"\n"),
        body + b"x" * 70_000,
    ):
        assert witness.add_checkpoint(wrong, AT).status == 400, wrong[:80]
    assert witness.add_checkpoint(body.replace(b"old 0\n", b"old 0\n" + steps), AT).status == 422
    spoiled = body[:-10] + (b"A" if body[-10:-9] != b"A" else b"B") + body[-9:]
    assert witness.add_checkpoint(spoiled, AT).status in {400, 403}
    assert not list(witness.folder.glob("[0-9a-f]*")), "nothing refused was remembered"


def test_a_damaged_memory_stops_the_witness(history: History, witness: Witness) -> None:
    witness.add_checkpoint(history.submission(0, history.grow(3), 3), AT)
    (memory,) = (path for path in witness.folder.iterdir() if path.name != "lock")
    memory.write_bytes(memory.read_bytes().replace(b"\n3\n", b"\n2\n"))
    with pytest.raises(LogStopped, match="files_damaged"):
        witness.add_checkpoint(history.submission(3, history.grow(4), 4), AT)


def test_two_submissions_at_once_never_take_each_other_back(history: History, witness: Witness) -> None:
    witness.add_checkpoint(history.submission(0, history.grow(10), 10), AT)
    bodies = [history.submission(10, history.grow(size), size) for size in range(11, 43)]
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda body=body: statuses.append(witness.add_checkpoint(body, AT).status)) for body in bodies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, *[409] * 31]


def test_the_log_asks_its_witnesses_and_keeps_their_word(history: History, tmp_path: Path) -> None:
    with serving_witness(tmp_path / "a", history.signer) as one, serving_witness(tmp_path / "b", history.signer) as two:
        cosigning = Cosigning((one, two), history.files)
        for size in (0, 5, 300):
            note = history.grow(size)
            assert cosigning.ask(note) == 2
            kept = last_cosigned(history.files)
            assert kept
            assert kept.text == note.text
            assert kept.signed_by([one.key, two.key, *history.signer.public]) == [one.key, two.key, *history.signer.public]
        # A log that starts again knows nothing of its witnesses; they tell it.
        assert Cosigning((one, two), history.files).ask(history.grow(310)) == 2


def test_a_log_behind_its_witness_stops(history: History, tmp_path: Path) -> None:
    with serving_witness(tmp_path / "a", history.signer) as one:
        Cosigning((one,), history.files).ask(history.grow(300))
        with pytest.raises(LogStopped, match="witness_is_ahead"):
            Cosigning((one,), history.files).ask(history.grow(200))
        with pytest.raises(LogStopped, match="witness_is_ahead"):
            Cosigning((one,), history.files).ask(history.grow(0))
        other = History(history.signer, LogFiles(tmp_path / "other"))
        for size in (300, 400):
            with pytest.raises(LogStopped, match="witness_differs"):
                Cosigning((one,), other.files).ask(other.grow(size, skip=17))
        assert Cosigning((one,), history.files).ask(history.grow(301)) == 1, "control: the true log is cosigned"


def test_a_silent_a_lying_and_a_dripping_witness_do_not_hold_the_log_up(history: History, tmp_path: Path) -> None:
    with serving_witness(tmp_path / "a", history.signer) as one:
        nobody = WitnessAddress(
            key_of("witness.example/nobody", "cosignature", Ed25519PrivateKey.generate().public_key), "http://127.0.0.1:9"
        )
        impostor = WitnessAddress(key_of(NAME, "cosignature", Ed25519PrivateKey.generate().public_key), one.url)
        began = time.monotonic()
        assert Cosigning((nobody, impostor), history.files).ask(history.grow(5)) == 0
        assert time.monotonic() - began < 10
        assert last_cosigned(history.files) is None


def test_the_witness_serves_one_thing_only(history: History, tmp_path: Path) -> None:
    with serving_witness(tmp_path / "a", history.signer) as one:
        assert httpx.post(f"{one.url}/anything", content=b"x").status_code == 404
        assert httpx.get(f"{one.url}/add-checkpoint").status_code == 501
        assert httpx.post(f"{one.url}/add-checkpoint", content=b"x" * 70_000).status_code == 413
        assert httpx.post(f"{one.url}/add-checkpoint", content=b"x").status_code == 400


def test_the_platform_cosigns_the_logs_it_is_told_of(
    history: History, client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.WITNESS_FOLDER, settings.LOG_PEERS = tmp_path / "witness", str(tmp_path / "peers.json")
    Path(settings.LOG_PEERS).write_text(json.dumps({"logs": [key.vkey for key in history.signer.public]}), encoding="utf-8")
    key = key_of(settings.WITNESS_NAME, "cosignature", witness_key().public_key)

    def submit(body: bytes) -> tuple[int, bytes]:
        answer = client.post("/witness/add-checkpoint", body, content_type="application/octet-stream")
        return answer.status_code, answer.content

    note = history.grow(300)
    status, body = submit(history.submission(0, note, 300))
    (line,) = read_signature_lines(body.decode())
    assert (status, key.verify(note.text, line.value)) == (200, True)
    assert abs(line.time - time.time()) < 60
    other = History(history.signer, LogFiles(tmp_path / "other"))
    assert submit(other.submission(300, other.grow(400, skip=17), 400))[0] == 422
    assert submit(history.submission(0, history.grow(200), 200)) == (409, b"300\n")
    assert submit(history.submission(300, history.grow(400), 400))[0] == 200, "control: the true log is cosigned"


@pytest.mark.parametrize(
    "text", ["", "[]", '{"logs": "x"}', '{"logs": ["x"]}', '{"witnesses": [{"key": "x"}]}', '{"others": []}', '{"logs": [1]}']
)
def test_an_unreadable_file_of_peers_stops_the_log(tmp_path: Path, text: str) -> None:
    file = tmp_path / "peers.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(LogStopped, match="config_unreadable"):
        read_peers(file)
