"""The seam to OpenSSL's libcrypto (3.x, 1.1.1 as a last resort), by cffi without a compiler: SM2 and nothing else.

Looked for: the setting; the system's own (Debian, Ubuntu, openEuler; Red Hat's has no SM2); Tongsuo where its makers put it;
Homebrew; the copy inside psycopg's wheel; 1.1.1 of older openEuler and Kylin. The first one that passes the self-test is used.

Only digests are signed and verified here; `sm2.py` computes Z and SM3, which spares OpenSSL's per-call set-up of the id.
Keys may be shared between threads; every operation has its own context, and cffi releases the GIL while it runs.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cffi

from liangzheng.errors import Unavailable

# cffi's handles (`CData`, `Lib`) have no useful static type: `Any` stays inside this file.
Handle = Any

_DECLARATIONS = """
typedef struct evp_pkey_st EVP_PKEY;
typedef struct evp_pkey_ctx_st EVP_PKEY_CTX;
unsigned long OpenSSL_version_num(void);
const char *OpenSSL_version(int t);
void ERR_clear_error(void);
EVP_PKEY *d2i_PUBKEY(EVP_PKEY **a, const unsigned char **pp, long length);
EVP_PKEY *d2i_AutoPrivateKey(EVP_PKEY **a, const unsigned char **pp, long length);
int i2d_PUBKEY(EVP_PKEY *a, unsigned char **pp);
void EVP_PKEY_free(EVP_PKEY *pkey);
EVP_PKEY_CTX *EVP_PKEY_CTX_new(EVP_PKEY *pkey, void *e);
void EVP_PKEY_CTX_free(EVP_PKEY_CTX *ctx);
int EVP_PKEY_verify_init(EVP_PKEY_CTX *ctx);
int EVP_PKEY_verify(EVP_PKEY_CTX *ctx, const unsigned char *sig, size_t siglen, const unsigned char *tbs, size_t tbslen);
int EVP_PKEY_sign_init(EVP_PKEY_CTX *ctx);
int EVP_PKEY_sign(EVP_PKEY_CTX *ctx, unsigned char *sig, size_t *siglen, const unsigned char *tbs, size_t tbslen);
int EVP_PKEY_encrypt_init(EVP_PKEY_CTX *ctx);
int EVP_PKEY_encrypt(EVP_PKEY_CTX *ctx, unsigned char *out, size_t *outlen, const unsigned char *in, size_t inlen);
int EVP_PKEY_decrypt_init(EVP_PKEY_CTX *ctx);
int EVP_PKEY_decrypt(EVP_PKEY_CTX *ctx, unsigned char *out, size_t *outlen, const unsigned char *in, size_t inlen);
int EVP_PKEY_set_alias_type(EVP_PKEY *pkey, int type);
"""
_PATH_SETTING = "LIANGZHENG_LIBCRYPTO"
_NAMES = (
    "libcrypto.so.3",
    "/usr/lib64/libcrypto.so.3",
    "/opt/tongsuo/lib64/libcrypto.so",
    "/opt/tongsuo/lib/libcrypto.so",
    "/usr/local/tongsuo/lib64/libcrypto.so",
    "/usr/local/tongsuo/lib/libcrypto.so",
    "/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib",
    "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib",
)
_OLD_NAMES = ("libcrypto.so.1.1", "/usr/lib64/libcrypto.so.1.1")  # openEuler 20 and 22, Kylin V10
_OPENSSL_3 = 0x30000000
_SM2_TYPE = 1172  # EVP_PKEY_SM2: 1.1.1 must be told that this EC key is an SM2 key
_LONGEST_SIGNATURE = 72  # SEQUENCE of two INTEGERs of at most 33 bytes
_LONGEST_SPKI = 256
_CIPHERTEXT_OVERHEAD = 128  # SEQUENCE, two INTEGERs of at most 33 bytes, the digest, and their headers: 120 at most

# GB/T 32918.5-2017, annex A: public key, e = SM3(Z || "message digest"), signature (r, s).
_EXAMPLE_SPKI = bytes.fromhex(
    "3059301306072a8648ce3d020106082a811ccf5501822d03420004"
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_EXAMPLE_DIGEST = bytes.fromhex("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640")
_EXAMPLE_SIGNATURE = bytes.fromhex(
    "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)

_ffi = cffi.FFI()
_ffi.cdef(_DECLARATIONS)


def verify_digest(key: Handle, signature: bytes, digest: bytes) -> bool:
    """Verify a DER signature over a 32-byte digest. Any refusal by OpenSSL is False."""
    lib = _library()
    with _context(lib, key) as ctx:
        good: bool = lib.EVP_PKEY_verify_init(ctx) == 1 and (
            lib.EVP_PKEY_verify(ctx, signature, len(signature), digest, len(digest)) == 1
        )
    if not good:
        lib.ERR_clear_error()  # hashlib and ssl may share this thread's error queue
    return good


def sign_digest(key: Handle, digest: bytes) -> bytes:
    """Sign a 32-byte digest; the nonce is OpenSSL's. Returns DER."""
    lib = _library()
    signature, size = _ffi.new("unsigned char[]", _LONGEST_SIGNATURE), _ffi.new("size_t *", _LONGEST_SIGNATURE)
    with _context(lib, key) as ctx:
        if lib.EVP_PKEY_sign_init(ctx) != 1 or lib.EVP_PKEY_sign(ctx, signature, size, digest, len(digest)) != 1:
            lib.ERR_clear_error()
            raise Unavailable("sm2_unavailable", "OpenSSL could not sign with this SM2 key")
    return bytes(_ffi.buffer(signature, size[0]))


def encrypt(key: Handle, plaintext: bytes) -> bytes:
    """Encrypt with SM3 under a public key; the nonce is OpenSSL's. Returns the SM2Cipher of GM/T 0009 (DER)."""
    lib = _library()
    size = _ffi.new("size_t *", len(plaintext) + _CIPHERTEXT_OVERHEAD)
    target = _ffi.new("unsigned char[]", size[0])
    with _context(lib, key) as ctx:
        if lib.EVP_PKEY_encrypt_init(ctx) != 1 or lib.EVP_PKEY_encrypt(ctx, target, size, plaintext, len(plaintext)) != 1:
            lib.ERR_clear_error()
            raise Unavailable("sm2_unavailable", "OpenSSL could not encrypt under this SM2 key")
    return bytes(_ffi.buffer(target, size[0]))


def decrypt(key: Handle, ciphertext: bytes) -> bytes | None:
    """Decrypt an SM2Cipher (DER) with a private key; None when OpenSSL refuses it.

    The target is as long as the ciphertext, so that no release writes beyond it (1.1.1 before l computed too small a size).
    """
    lib = _library()
    size = _ffi.new("size_t *", len(ciphertext))
    target = _ffi.new("unsigned char[]", len(ciphertext))
    with _context(lib, key) as ctx:
        good = lib.EVP_PKEY_decrypt_init(ctx) == 1 and lib.EVP_PKEY_decrypt(ctx, target, size, ciphertext, len(ciphertext)) == 1
    if not good:
        lib.ERR_clear_error()
        return None
    return bytes(_ffi.buffer(target, size[0]))


def load_public(spki: bytes) -> Handle | None:
    """Load an SM2 SubjectPublicKeyInfo (DER); None when OpenSSL refuses it. Freed with the handle."""
    return _load(_library(), "d2i_PUBKEY", spki)


def load_private(pkcs8: bytes) -> Handle | None:
    """Load an SM2 PKCS#8 PrivateKeyInfo (DER); None when OpenSSL refuses it. Freed with the handle."""
    return _load(_library(), "d2i_AutoPrivateKey", pkcs8)


def public_spki(key: Handle) -> bytes:
    """Return the SubjectPublicKeyInfo (DER) of a loaded key; a missing public half was computed when it was loaded."""
    lib = _library()
    target = _ffi.new("unsigned char[]", _LONGEST_SPKI)
    size = lib.i2d_PUBKEY(key, _ffi.NULL)
    if not 0 < size <= _LONGEST_SPKI:
        lib.ERR_clear_error()
        raise Unavailable("sm2_unavailable", "OpenSSL could not write this SM2 key")
    lib.i2d_PUBKEY(key, _ffi.new("unsigned char **", target))
    return bytes(_ffi.buffer(target, size))


@contextlib.contextmanager
def _context(lib: Handle, key: Handle) -> Iterator[Handle]:
    ctx = lib.EVP_PKEY_CTX_new(key, _ffi.NULL)
    if ctx == _ffi.NULL:
        raise Unavailable("sm2_unavailable", "OpenSSL has no SM2")
    try:
        yield ctx
    finally:
        lib.EVP_PKEY_CTX_free(ctx)


def _load(lib: Handle, reader: str, encoded: bytes) -> Handle | None:
    source = _ffi.new("unsigned char[]", encoded)
    raw = getattr(lib, reader)(_ffi.NULL, _ffi.new("const unsigned char **", source), len(encoded))
    if raw == _ffi.NULL:
        lib.ERR_clear_error()
        return None
    key = _ffi.gc(raw, lib.EVP_PKEY_free)
    if lib.OpenSSL_version_num() < _OPENSSL_3:
        lib.EVP_PKEY_set_alias_type(key, _SM2_TYPE)
    return key


def _places() -> Iterator[str]:
    """Say where libcrypto may be: the setting, the system, Homebrew, the copy inside psycopg's wheel, OpenSSL 1.1.1."""
    setting = os.environ.get(_PATH_SETTING)
    if setting:
        yield setting
        return
    yield from _NAMES
    spec = importlib.util.find_spec("psycopg_binary")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for libraries in (Path(folder).parent / "psycopg_binary.libs", Path(folder) / ".dylibs"):
            yield from sorted(str(path) for path in libraries.glob("libcrypto*"))
    yield from _OLD_NAMES


def describe() -> str:
    """Name the libcrypto in use: its own version text and where it was found. Unavailable where none has SM2."""
    place, lib = _found()
    version = _ffi.string(lib.OpenSSL_version(0))
    return f"{version if isinstance(version, str) else version.decode('ascii', 'replace')}, {place}"


def _library() -> Handle:
    return _found()[1]


@functools.cache
def _found() -> tuple[str, Handle]:
    """Open the first libcrypto that passes the self-test."""
    return _first_good(_places(), _passes_self_test)


def _first_good(places: Iterator[str], is_good: Callable[[Handle], bool]) -> tuple[str, Handle]:
    tried: list[str] = []
    for place in places:
        tried.append(place)
        try:
            lib = _ffi.dlopen(place)
        except OSError:
            continue
        if is_good(lib):
            return place, lib
    raise Unavailable(
        "sm2_unavailable",
        f"No libcrypto with SM2 found. Install OpenSSL 3 (Red Hat's has no SM2) or Tongsuo, or name the file in {_PATH_SETTING}.",
        tried=tuple(tried),
    )


def _passes_self_test(lib: Handle) -> bool:
    """Check the GB/T 32918.5 example, and that a changed digest is refused."""
    try:
        key = _load(lib, "d2i_PUBKEY", _EXAMPLE_SPKI)
        if key is None:
            return False
        outcomes = []
        for digest in (_EXAMPLE_DIGEST, bytes(32)):
            with _context(lib, key) as ctx:
                outcomes.append(
                    lib.EVP_PKEY_verify_init(ctx) == 1
                    and lib.EVP_PKEY_verify(ctx, _EXAMPLE_SIGNATURE, len(_EXAMPLE_SIGNATURE), digest, 32) == 1
                )
        lib.ERR_clear_error()
    except (AttributeError, Unavailable):  # a function is missing, or SM2 is compiled out
        return False
    return outcomes == [True, False]
