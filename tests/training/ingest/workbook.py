"""Workbooks as Excel writes them, made by hand: the parts that a reader needs and no more."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DAY_ZERO = date(1899, 12, 30).toordinal()
SECONDS_A_DAY = 86_400

Cell = str | int | float | bool | date | datetime | None


class Formula(str):
    """A formula's computed text: what Excel shows."""

    __slots__ = ()


def workbook(sheets: Mapping[str, Sequence[Sequence[Cell]]], *, hidden: Sequence[str] = ()) -> bytes:
    """Strings in a shared table, as Excel has them; None is no cell."""
    strings: dict[str, int] = {}
    parts = {
        f"xl/worksheets/sheet{number}.xml": sheet_xml([_row(at, row, strings) for at, row in enumerate(rows, start=1)])
        for number, rows in enumerate(sheets.values(), start=1)
    }
    table = "".join(f'<si><t xml:space="preserve">{escaped(text)}</t></si>' for text in strings)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{table}</sst>'
    return packed(parts, list(sheets), hidden=hidden)


def packed(parts: Mapping[str, str], names: Sequence[str] = ("Sheet1",), *, hidden: Sequence[str] = ()) -> bytes:
    """The archive of a workbook with the given sheets (`xl/worksheets/sheet<n>.xml`) and other parts."""
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="r{number}"'
        f"{' state=' + quoteattr('hidden') if name in hidden else ''}/>"
        for number, name in zip(numbers, names, strict=True)
    )
    links = "".join(_link(f"r{number}", "worksheet", f"worksheets/sheet{number}.xml") for number in numbers)
    links += _link("s", "sharedStrings", "sharedStrings.xml") + _link("t", "styles", "styles.xml")
    whole = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="a/xml"/>'
        "</Types>",
        "_rels/.rels": _links(_link("r1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _links(links),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/>'
        '<xf numFmtId="22"/></cellXfs></styleSheet>',
        **parts,
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    return stream.getvalue()


def sheet_xml(rows: Sequence[str]) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def escaped(text: str) -> str:
    """XML text; what XML cannot hold, and what looks like it, as `_xHHHH_`."""
    text = escape(text.replace("_x", "_x005F_x"))
    return "".join(
        f"_x{ord(character):04X}_" if (ord(character) < 32 and character not in "\t\n") or character in "\ufffe\uffff"
        else character
        for character in text
    )  # fmt: skip


def letters(number: int) -> str:
    """1 is A, 27 is AA."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


def _row(at: int, row: Sequence[Cell], strings: dict[str, int]) -> str:
    cells = (_cell(f"{letters(column)}{at}", cell, strings) for column, cell in enumerate(row, start=1))
    return f'<row r="{at}">{"".join(cells)}</row>'


def _cell(place: str, cell: Cell, strings: dict[str, int]) -> str:
    match cell:
        case None:
            return ""
        case Formula():
            return f'<c r="{place}" t="str"><f>CONCATENATE(A1)</f><v>{escaped(cell)}</v></c>'
        case str():
            return f'<c r="{place}" t="s"><v>{strings.setdefault(cell, len(strings))}</v></c>'
        case bool():
            return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
        case datetime():
            seconds = cell.hour * 3600 + cell.minute * 60 + cell.second
            return f'<c r="{place}" s="2"><v>{cell.toordinal() - DAY_ZERO + seconds / SECONDS_A_DAY}</v></c>'
        case date():
            return f'<c r="{place}" s="1"><v>{cell.toordinal() - DAY_ZERO}</v></c>'
        case _:
            return f'<c r="{place}"><v>{cell!r}</v></c>'


def _link(key: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>'


def _links(links: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'
