"""The build of the pages runs again when, and only when, a source changed."""

from __future__ import annotations

from pathlib import Path

from dev.web import is_stamped, sources_digest


def test_the_digest_follows_names_and_contents_of_sources_only(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    source = tmp_path / "core" / "read.ts"
    source.write_text("export {}")
    first = sources_digest(tmp_path)
    for ignored in ("node_modules", "dist"):
        (tmp_path / ignored).mkdir()
        (tmp_path / ignored / "x.js").write_text("1")
    assert sources_digest(tmp_path) == first
    source.write_text("export { }")
    second = sources_digest(tmp_path)
    assert second != first
    source.rename(tmp_path / "core" / "write.ts")
    assert sources_digest(tmp_path) not in {first, second}


def test_a_stamp(tmp_path: Path) -> None:
    assert not is_stamped(tmp_path / "stamp", "a")
    (tmp_path / "stamp").write_text("a")
    assert is_stamped(tmp_path / "stamp", "a")
    assert not is_stamped(tmp_path / "stamp", "b")
