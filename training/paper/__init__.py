"""A page that is one file: what the reports on models and on data share. Knows HTML, and nothing of what it says."""

from html import escape
from pathlib import Path

STYLE = Path(__file__).with_name("style.css")


def document(*, title: str, kicker: str, headline: str, parts: list[str], footer: str) -> str:
    """The whole document, without outside assets, readable in ten years. `parts` are HTML, the rest is plain text."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{escape(title)}</title>
<style>
{STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<main>
<header>
<p class="kind">{escape(kicker)}</p>
<h1>{escape(headline)}</h1>
</header>
{"".join(parts)}
<footer>{escape(footer)}</footer>
</main>
</body>
</html>
"""


def section(heading: str, words: str, body: str) -> str:
    """`body` is HTML; it scrolls sideways where it is wider than the page."""
    return (
        f'<section>\n<h2>{escape(heading)}</h2>\n<p>{escape(words)}</p>\n<div class="wide">{body}</div>\n</section>\n'
    )


def tiles(pairs: list[tuple[str, str]]) -> str:
    """Figures in large print, each with what it counts."""
    boxes = "".join(
        f"<div><strong>{escape(value)}</strong><span>{escape(words)}</span></div>" for value, words in pairs
    )
    return f'<div class="numbers">{boxes}</div>\n'


def name(label: str) -> str:
    """Escaped, and broken over lines rather after a "_" than within a word."""
    return escape(label).replace("_", "_<wbr>")
