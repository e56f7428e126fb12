"""Writes folders of files that are broken or mean harm, and good ones among them, some under odd names."""

import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from docx import Document as new_docx
from reportlab.pdfgen.canvas import Canvas

from index.read import READERS

WORDS = "Riluzole slows the decline of nerve cells in most patients."
SUFFIXES = list(READERS)


def pdf(text: str) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.drawString(72, 750, text)
    canvas.save()
    return file.getvalue()


def docx(text: str) -> bytes:
    file, made = io.BytesIO(), new_docx()
    made.add_paragraph(text)
    made.save(file)
    return file.getvalue()


def html(text: str) -> bytes:
    return f"<html><body><article><h1>Riluzole</h1><p>{text} {text}</p><p>{text}</p></article></body></html>".encode()


def good() -> dict[str, bytes]:
    text = WORDS.encode()
    return {
        "good/a.txt": text,
        "good/b.md": b"# Riluzole\n\n" + text,
        "good/c.html": html(WORDS),
        "good/d.pdf": pdf(WORDS),
        "good/e.docx": docx(WORDS),
        "good/f.csv": b"question,answer\nWhat does it do?," + text,
        "good/g.jsonl": json.dumps({"title": "Riluzole", "text": WORDS}).encode(),
        "good/h.json": json.dumps([{"title": "Riluzole", "text": WORDS}]).encode(),
        "good/i.tsv": b"title\ttext\nRiluzole\t" + text,
        "good/a pdf named text.txt": pdf(WORDS),
        "good/a page named text.txt": html(WORDS),
        "good/LOUD.TXT": text,
        "good/name with\nnew line.txt": text,
        "good/-rf.txt": text,
        "good/'quo\"tes'; DROP TABLE documents.txt": text,
        "good/ünïcödé 漢字 🙂.txt": text,
        "good/per%20cent #1?.txt": text,
        f"good/{'long' * 50}.txt": text,
        "good/deep/er/and/deep/er/a.txt": text,
        "good/utf16.txt": WORDS.encode("utf-16"),
    }


GOOD = list(good())


def write_good(folder: Path) -> None:
    for name, content in good().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def write_hostile(folder: Path, count: int, *, outside: Path) -> None:
    """Exactly ``count`` files that cannot be read, as many kinds of them as possible."""
    (outside / "secret.txt").write_text("Secret words are outside.")
    bad = folder / "bad"
    bad.mkdir()
    for number, (suffix, write) in zip(range(count), _endless(outside), strict=False):
        write(bad / f"{number:03}{suffix}")


def _endless(outside: Path) -> Iterator[tuple[str, Callable[[Path], object]]]:
    """The special ones first, then noise, cuts and wrong suffixes without end."""
    yield from _special(outside)
    chance = random.Random(5)
    whole = {".pdf": pdf(WORDS), ".docx": docx(WORDS)}
    while True:
        suffix = chance.choice(SUFFIXES)
        noise = b"\0\1\xff" + chance.randbytes(chance.randint(1, 50_000))
        yield suffix, _writes(noise)
        suffix, content = chance.choice(list(whole.items()))
        yield suffix, _writes(content[: chance.randint(1, len(content) // 2)])
        yield chance.choice(SUFFIXES), _writes(b"\x89PNG\r\n\x1a\n\0\0\0" * chance.randint(1, 100))
        yield chance.choice([".exe", ".png", ".xlsx", ".zip", ""]), _writes(noise)
        yield chance.choice(SUFFIXES), _writes(b" \n" * chance.randint(0, 50))


def _writes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _special(outside: Path) -> Iterator[tuple[str, Callable[[Path], object]]]:
    yield ".txt", _one_line_of_100_megabytes
    yield ".pdf", _writes(_pdf_bomb())
    yield ".docx", _writes(_zip_bomb())
    yield ".docx", _writes(_laughing_docx())
    yield ".docx", _writes(_zip_of({"word/document.xml": b"<x/>"}))
    yield ".docx", _writes(_zip_of({"readme": b"Hello."}))
    yield ".html", _writes(b"<html><body>" + b"<div>" * 200_000)
    yield ".html", _writes(b"<html><script>" + b"x=1;" * 100_000 + b"</script></html>")
    yield ".md", _writes(b"---\n" + _laughing_yaml() + b"\n---\n")
    yield ".json", _writes(b"[" * 1_000_000)
    yield ".jsonl", _writes(b'{"a":' * 100_000)
    yield ".json", _writes(b'{"text": ' + b"9" * 100_000 + b"}")
    yield ".csv", _writes(b'title,text\n"a","' + b"x" * 3_000_000 + b'"')
    yield ".jsonl", _writes(b'{"text": "It is fine.\n{"text": ')
    yield ".txt", _writes(b"menu\n\nsign in\n\nshare\n\n" * 1_000)
    yield ".txt", lambda path: path.symlink_to(outside / "secret.txt")
    yield ".txt", lambda path: path.symlink_to(path)
    yield ".txt", lambda path: path.symlink_to(outside / "nowhere.txt")
    yield ".txt", lambda path: path.symlink_to("/dev/zero")
    yield ".md", _writes(b"\0" * 10_000)
    yield ".txt", _writes(b"A" * 6_000_000)
    yield ".pdf", _writes(b"%PDF-1.7\n" + b"1 0 obj\n<< /Length 99999999999 >>\nstream\n" * 1_000)


def _one_line_of_100_megabytes(path: Path) -> None:
    with path.open("wb") as file:
        for _ in range(100):
            file.write(b"Glutamate excites. " * 52_000)


def _pdf_bomb() -> bytes:
    """A page whose content unpacks to 1 GB of operators that draw nothing."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"q Q\n" * 250_000) for _ in range(1_000)) + packer.flush()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
    ]
    file, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(file)
    file += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return file + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start


def _zip_of(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def _zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("word/document.xml", "w") as part:
        for _ in range(300):
            part.write(b" " * 1_000_000)
    return file.getvalue()


def _laughing_docx() -> bytes:
    """Entities that would grow a billionfold if they were filled in."""
    with zipfile.ZipFile(io.BytesIO(docx(WORDS))) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    start = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'.encode()
    name = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = b"<w:body><w:p><w:r><w:t>&l9;</w:t></w:r></w:p></w:body>"
    parts["word/document.xml"] = start + b"<w:document " + name + b">" + body + b"</w:document>"
    return _zip_of(parts)


def _laughing_yaml() -> bytes:
    lines = ["a0: &a0 ha"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join([*lines, "title: *a9"]).encode()
