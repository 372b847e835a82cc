"""What residents wrote, as the API takes it."""

import json

LONGEST_TITLE, LONGEST_TEXT = 120, 10000


def printable(text):
    """Without lone surrogates and control characters; line feeds stay."""
    text = text.replace("\r\n", "\n").encode("utf-8", "ignore").decode()
    return "".join(c for c in text if c in "\n\t" or (c >= " " and not "\x7f" <= c < "\xa0"))


def read(path, count):
    """Pairs of title (may be None) and text; lines without a text are left out."""
    found = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            if len(found) == count:
                break
            if line.strip():
                written = json.loads(line)
                title = " ".join(printable(written.get("title") or "").split())[:LONGEST_TITLE].strip()
                text = printable(written.get("body") or "").strip()[:LONGEST_TEXT].strip() or title
                if text:
                    found.append((title or None, text))
    return found
