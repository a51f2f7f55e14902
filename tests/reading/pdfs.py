"""PDFs made by hand, sound and harmful."""

from __future__ import annotations

import zlib
from collections.abc import Sequence


def pdf(*pages: Sequence[str]) -> bytes:
    """A PDF of these pages, each a list of lines."""
    kids = " ".join(f"{number} 0 R" for number in range(4, 4 + 2 * len(pages), 2))
    objects: list[str | bytes] = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for number, lines in enumerate(pages):
        contents = 5 + 2 * number
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F 3 0 R>>>>/Contents {contents} 0 R>>"
        )
        objects.append(_stream(_shown(lines).encode("cp1252")))
    return assembled(objects)


def assembled(objects: Sequence[str | bytes], trailer: str = "") -> bytes:
    """A file of these objects, the first of which is the root."""
    body, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n" % number + (content.encode() if isinstance(content, str) else content) + b"\nendobj\n"
    table = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    body += f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{table}\n%%EOF".encode()
    return bytes(body)


def _shown(lines: Sequence[str]) -> str:
    escaped = (line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines)
    return "BT /F 11 Tf 14 TL 72 740 Td " + " ".join(f"({line}) Tj T*" for line in escaped) + " ET"


def _stream(content: bytes, *, packed: int = 0) -> bytes:
    for _ in range(packed):
        content = zlib.compress(content, 9)
    filters = b"/Filter[" + b"/FlateDecode" * packed + b"]" if packed else b""
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), filters, content)


def _page(contents: bytes, resources: str = "/Font<</F 3 0 R>>") -> bytes:
    page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<<{resources}>>/Contents 5 0 R>>"
    font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    return assembled(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[4 0 R]/Count 1>>", font, page, contents])


ENCRYPTED = assembled(
    ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"],
    f"/ID[<{'00' * 16}><{'00' * 16}>]"
    f"/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -44/O<{'11' * 32}>/U<{'22' * 32}>>>",
)

BOMBS = {
    "inflated stream": _page(_stream(b" " * 400_000_000, packed=2)),
    "operators": _page(_stream(b"q Q " * 20_000_000, packed=2)),
    "text": _page(_stream(b"BT /F 1 Tf " + b"(xxxxxxxxxx) Tj " * 4_000_000 + b"ET", packed=2)),
    "nested arrays": _page(_stream(b"[" * 5_000_000, packed=1)),
    "kids in a circle": assembled(
        ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{'2 0 R ' * 1000}]/Count 1000000>>"]
    ),
    "deep kids": assembled(
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            *(f"<</Type/Pages/Kids[{number} 0 R {number} 0 R]/Count 2000000000>>" for number in range(3, 60)),
            "<</Type/Pages/Kids[]/Count 0>>",
        ]
    ),
    "huge count": assembled(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 2147483647>>"]),
    "cut short": pdf(["one"])[:300],
    "form calls itself": _page(
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>/Length 10>>stream\n"
        b"/X Do /X Do\nendstream",
        "/XObject<</X 5 0 R>>",
    ),
}
