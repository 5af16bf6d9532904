"""Magics and shell lines in the text of a cell, which become plain Python line for line."""

import re

# Cell magics whose body runs elsewhere, or is no Python; all others time, profile, log or silence it.
_OTHER_MAGIC = """
    bash sh script shell system sx cmd perl ruby python python2 python3 pypy cython R julia sql bigquery html HTML
    javascript js latex markdown svg writefile file skip
"""
BODY_MAGIC = re.compile(rf"[ \t]*%%(?!(?:{'|'.join(_OTHER_MAGIC.split())})\b)\w+[^\n]*")
# A line that IPython may transform: magic, shell, help and call escapes, prompts, and an indented first line. Its
# tokenizing costs ten times the parsing, and most cells have no such line.
IPYTHON_LINE = re.compile(r"\A\s*^[ \t]+\S|^[ \t]*([%!?,;/]|>>>|\.\.\.|In ?\[)|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)


def exported(text: str) -> str:
    """A cell as plain Python, line for line."""
    return aligned(plain_python(unwrapped(text)).strip("\n"), text)


def unwrapped(text: str) -> str:
    """The cell without the magics on its first lines whose bodies are ordinary code."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if BODY_MAGIC.fullmatch(line):
            lines[place] = ""
        elif line.strip():
            break
    return "\n".join(lines)


def plain_python(source: str) -> str:
    """A cell as IPython would run it, at no cost if it holds nothing of IPython's; what cannot be transformed stays."""
    if not IPYTHON_LINE.search(source):
        return source
    from IPython.core.inputtransformer2 import TransformerManager  # slow to import, and needed for magics alone

    try:
        return str(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]
    except Exception:  # a tokenizer in doubt; the parser names the line afterwards
        return source


def aligned(exported: str, text: str) -> str:
    """The exported cell with the lines put back that IPython drops: blank ones at the top, continuations of a magic."""
    written = text.split("\n")
    lines: list[str] = []
    while len(lines) < len(written) and (not written[len(lines)].strip() or BODY_MAGIC.fullmatch(written[len(lines)])):
        lines.append("")
    for line in exported.split("\n"):
        place = len(lines)
        lines.append(line)
        if "get_ipython()" in line:
            while place < len(written) and line != written[place] and written[place].endswith("\\"):
                place += 1
                lines.append("")
    return "\n".join(lines[: len(written)])
