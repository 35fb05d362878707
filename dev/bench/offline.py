"""Measure the phone's own check in Chromium: the judgement alone, or from the camera's frame to the verdict on the screen.

`python -m dev.bench.offline [judge|camera]`. `judge`: web/core on the codes of 300 persons, credentials signed with SM2 and with
ES256 (the device's proof is ES256 in both, as in every browser), one thread, after a warm-up. `camera`: the app before a fake
camera (tests/journeys/test_scan_speed.py); the clock starts when the frame that was decoded is taken.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

from playwright.sync_api import Page, sync_playwright

from dev.vectors_offline import NOW, PACK, pack_json, plain
from dev.web import WEB, npm_environment
from liangzheng.codes.offline_code import (
    CredentialKind,
    PrivateKey,
    Proof,
    key_id,
    make_credential,
    make_proof,
    write_offline_code,
)
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.verification.field_pack import CodeKey
from tests.journeys.browser import chromium

JUDGED, WARM_UP = 300, 20
LIMITS_MS = {"SM2": 60, "ES256": 20}
Figures: TypeAlias = dict[str, list[float]]

JUDGE = """([pack, texts, now]) => {
  const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const keys = Object.entries(pack.code_keys).map(([id, key]) =>
    [id, { key: { algorithm: key.algorithm, point: bytes(key.point) }, trustedFrom: key.trusted_from, distrustedSince: null }])
  const lists = Object.entries(pack.statuses).map(([uri, one]) =>
    [uri, { issuedAt: one.issued_at, expiresAt: one.expires_at, bits: one.bits, packed: bytes(one.packed) }])
  const ages = pack.limits
  const limits = { officerStatusMaxAge: ages.officer_status_max_age, licenceStatusMaxAge: ages.licence_status_max_age,
    clockTolerance: ages.clock_tolerance }
  const held = { number: 1, issuedAt: pack.issued_at, expiresAt: pack.expires_at, beacon: pack.beacon, codeKeys: new Map(keys),
    statuses: new Map(lists), usable: new Map(Object.entries(pack.usable)), limits }
  const device = { serverTime: now - 90, elapsed: 90, seen: new Set() }
  return texts.map((text) => {
    const began = performance.now()
    const { verdict } = core.judgeOffline(text, held, now, device, core.EXPECT_LICENCE)
    const took = performance.now() - began
    if (verdict.standing !== 'valid_offline') throw new Error(core.canonicalVerdict(verdict))
    return took
  })
}"""


def codes(issuer: PrivateKey, count: int) -> list[str]:
    """Give codes of as many persons, each with a phone of his own."""
    found = []
    for number in range(count):
        device = P256PrivateKey.generate()
        told = plain(CredentialKind.LICENCE, "SM2", "ES256").credential
        told = replace(told, subject=uuid4(), device_key=device.public_key)
        credential = make_credential(told, issuer)
        proof = make_proof(Proof(issued_at=NOW - 5, counter=number + 1, lifetime=60), credential, device)
        found.append(write_offline_code(credential, proof))
    return found


def judged(page: Page, runs: int) -> Figures:
    """Time the judgement alone, in milliseconds a code."""
    issuers: dict[str, PrivateKey] = {"SM2": SM2PrivateKey.generate(), "ES256": P256PrivateKey.generate()}
    keys = {key_id(key.public_key): CodeKey(key.public_key, 0) for key in issuers.values()}
    pack = pack_json(replace(PACK, code_keys=keys))
    return {name: page.evaluate(JUDGE, [pack, codes(key, WARM_UP + runs), NOW])[WARM_UP:] for name, key in issuers.items()}


def bundle() -> str:
    """Put web/core into one script, as the app's build does."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "core.js"
        command = [str(WEB / "node_modules/.bin/rolldown"), "core/src/index.ts", "--format", "iife", "--name", "core", "--minify"]
        subprocess.run([*command, "--file", str(target)], cwd=WEB, env=npm_environment(), check=True, stdout=subprocess.DEVNULL)
        return target.read_text(encoding="utf-8")


def main() -> None:
    """Print medians and 95th percentiles; the exit code says whether all medians keep their limits."""
    what = sys.argv[1] if len(sys.argv) > 1 else "judge"
    if what == "camera":
        command = [sys.executable, "-m", "pytest", "-q", "--hypothesis-profile=prove", "tests/journeys/test_scan_speed.py"]
        sys.exit(subprocess.run(command, check=False).returncode)
    with sync_playwright() as playwright, chromium(playwright, Path("no-camera-needed")) as browser:
        page = browser.new_page()
        page.add_script_tag(content=bundle())
        found = judged(page, JUDGED)
    for name, times in found.items():
        median, late = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        print(f"{name:>6}: median {median:5.1f} ms, 95th percentile {late:5.1f} ms of {len(times)} (limit {LIMITS_MS[name]} ms)")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    sys.exit(any(statistics.median(times) > LIMITS_MS[name] for name, times in found.items()))


if __name__ == "__main__":
    main()
