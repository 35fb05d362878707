"""A key in a token (SoftHSM, a PKCS#11 token in software) signs like a key of a file, and never leaves it."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pkcs11
import pytest
from pkcs11.util.ec import encode_named_curve_parameters

from liangzheng.crypto.certificates import Subject, issue_certificate, read_certificate
from liangzheng.crypto.chains import judge_chain
from liangzheng.crypto.p256 import ECDSA_WITH_SHA256_OID, P256PrivateKey
from liangzheng.crypto.pkcs11 import TokenP256Key, open_token_key
from liangzheng.crypto.revocation import issue_crl, read_crl
from liangzheng.errors import Unavailable
from liangzheng.server.machine import find_softhsm

TOKEN, PIN, LABEL = "liangzheng-demo", "271828", "issuer"
MESSAGE = "电子证照签发（演示）".encode()
START, NOW, END = (datetime(2026, 11, day, tzinfo=UTC) for day in (1, 22, 30))
# private label, public label, curve: the two halves under "mixed" do not belong together
PAIRS = [
    (LABEL, LABEL, "secp256r1"),
    ("other-curve", "other-curve", "secp384r1"),
    ("mixed", "elsewhere", "secp256r1"),
    ("somewhere", "mixed", "secp256r1"),
]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """SoftHSM's module, with one token that holds those pairs."""
    softhsm = find_softhsm()
    assert not softhsm.advice, f"the token tests need SoftHSM: {softhsm.advice}"
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        words = ["--init-token", "--free", "--label", TOKEN, "--so-pin", "314159", "--pin", PIN]
        subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)
        _make_keys(softhsm.found)
        yield softhsm.found
        pkcs11.unload(softhsm.found)


def _make_keys(path: str) -> None:
    with pkcs11.lib(path).get_token(token_label=TOKEN).open(rw=True, user_pin=PIN) as session:
        for private_label, public_label, curve in PAIRS:
            parameters = session.create_domain_parameters(
                pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}, local=True
            )
            public, private = parameters.generate_keypair(store=True, label=private_label)
            public[pkcs11.Attribute.LABEL] = public_label
            assert private[pkcs11.Attribute.SENSITIVE]


@pytest.fixture
def key(module: str) -> Iterator[TokenP256Key]:
    with open_token_key(module, token=TOKEN, pin=PIN, label=LABEL) as opened:
        yield opened


def test_it_signs_like_a_key_of_a_file(key: TokenP256Key) -> None:
    assert key.public_key.verify(key.sign(MESSAGE), MESSAGE)
    assert key.public_key.verify_raw(key.sign_raw(MESSAGE), MESSAGE)
    assert not key.public_key.verify(key.sign(MESSAGE), MESSAGE + b"!")
    assert not P256PrivateKey.generate().public_key.verify(key.sign(MESSAGE), MESSAGE)


def test_an_authority_may_keep_its_key_in_a_token(key: TokenP256Key, tmp_path: Path) -> None:
    name = Subject("演示根（密码设备）")
    root = read_certificate(
        issue_certificate(name, key.public_key, issuer=None, issuer_key=key, validity=(START, END), path_length=0)
    )
    signer = P256PrivateKey.generate()
    leaf = read_certificate(
        issue_certificate(Subject("演示签名人"), signer.public_key, issuer=root, issuer_key=key, validity=(START, END))
    )
    crl = read_crl(issue_crl(root, key, (), this_update=START, next_update=END, number=1))
    assert leaf.signature_oid == crl.signature_oid == ECDSA_WITH_SHA256_OID
    assert judge_chain(leaf, [root], [crl], NOW).result == "trusted"
    (tmp_path / "root.pem").write_bytes(root.pem())
    (tmp_path / "leaf.pem").write_bytes(leaf.pem())
    command = ["openssl", "verify", "-x509_strict", "-no_check_time", "-CAfile", "root.pem", "leaf.pem"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "leaf.pem: OK", done.stderr


def test_threads_share_one_session(key: TokenP256Key) -> None:
    with ThreadPoolExecutor(4) as pool:
        signed = list(pool.map(lambda n: (bytes((n,)), key.sign(bytes((n,)))), range(40)))
    assert all(key.public_key.verify(signature, message) for message, signature in signed)


def test_it_does_not_travel(key: TokenP256Key) -> None:
    assert not hasattr(key, "to_pem")
    assert PIN not in repr(key)
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_after_the_session_it_signs_no_more(module: str) -> None:
    with open_token_key(module, token=TOKEN, pin=PIN, label=LABEL) as opened:
        opened.sign(MESSAGE)
    with pytest.raises(Unavailable):
        opened.sign(MESSAGE)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"token": "elsewhere"}, "NoSuchToken"),
        ({"label": "nobody"}, "NoSuchKey"),
        ({"pin": "000000"}, "PinIncorrect"),
        ({"label": "other-curve"}, "not on P-256"),
        ({"label": "mixed"}, "another key"),
        ({"library": "libnothing.so"}, "libnothing.so"),
    ],
    ids=str,
)
def test_what_is_missing_is_said(module: str, change: dict[str, str], words: str) -> None:
    arguments = {"library": module, "token": TOKEN, "pin": PIN, "label": LABEL} | change
    with pytest.raises(Unavailable) as caught, open_token_key(**arguments):
        pass
    assert caught.value.code == "token_unavailable"
    assert words in caught.value.message
    assert arguments["pin"] not in caught.value.message


def test_without_the_package_there_is_one_clear_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(Unavailable, match="python-pkcs11"), open_token_key("x", token="x", pin="x", label="x"):
        pass
