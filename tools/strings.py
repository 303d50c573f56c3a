"""The strings of the shipped code that a reader of Chinese must find translated, and the .ts file that holds them.

`python tools/strings.py update` brings i18n/redline_review_zh_CN.ts up to date with the code: new strings come in
unfinished, strings no longer used go. `python tools/strings.py check` lists what is missing and ends with 1 then.
The code is read by its syntax tree, not by pylupdate5, which knows neither Qt 6 nor our single context.
"""

import ast
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TS = ROOT / "i18n" / "redline_review_zh_CN.ts"
CONTEXT = "RedlineReview"
SHIPPED = ("*.py", "core/**/*.py", "i18n/**/*.py", "processing/**/*.py", "ui/**/*.py")


def strings_in(source: str, name: str) -> tuple[set[str], list[str]]:
    """The strings that `source` translates by `tr("…")`, and what is wrong with how it does, as `name:line: why`."""
    found, wrong = set(), []
    for node in ast.walk(ast.parse(source, name)):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr == "tr":
            wrong.append(f"{name}:{node.lineno}: self.tr looks elsewhere; import tr from the i18n package")
        elif isinstance(node.func, ast.Name) and node.func.id == "tr":
            literal = node.args[0] if len(node.args) == 1 and not node.keywords else None
            if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                found.add(literal.value)
            else:
                wrong.append(f"{name}:{node.lineno}: tr takes one literal string; fill it in with .format() afterwards")
    return found, wrong


def strings_of_the_code() -> tuple[set[str], list[str]]:
    """The same for all shipped code."""
    found, wrong = set(), []
    for pattern in SHIPPED:
        for path in sorted(ROOT.glob(pattern)):
            more, faults = strings_in(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
            found |= more
            wrong += faults
    return found, wrong


def translations() -> dict[str, str]:
    """Finished translations of the .ts file, by source string."""
    if not TS.exists():
        return {}
    messages = ET.parse(TS).getroot().iter("message")
    return {
        message.findtext("source"): message.findtext("translation")
        for message in messages
        if message.find("translation").get("type") is None and message.findtext("translation")
    }


def update() -> None:
    """Write the .ts file anew from the code, keeping the translations of strings still used."""
    known = translations()
    root = ET.Element("TS", version="2.1", language="zh_CN", sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    for source in sorted(strings_of_the_code()[0]):
        message = ET.SubElement(context, "message")
        ET.SubElement(message, "source").text = source
        translation = ET.SubElement(message, "translation")
        if source in known:
            translation.text = known[source]
        else:
            translation.set("type", "unfinished")
    ET.indent(root, " ")
    text = ET.tostring(root, encoding="unicode", short_empty_elements=False)
    TS.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{text}\n', encoding="utf-8", newline="\n")


def faults() -> list[str]:
    """What keeps the plugin from reading as Chinese throughout; empty where nothing does."""
    wanted, wrong = strings_of_the_code()
    known = translations()
    wrong += [f"no Chinese for: {source!r}" for source in sorted(wanted - known.keys())]
    wrong += [f"no longer in the code: {source!r}" for source in sorted(known.keys() - wanted)]
    for source, text in known.items():
        if fields(source) != fields(text):
            wrong.append(f"the fields in braces differ: {source!r} and {text!r}")
    return wrong


def fields(text: str) -> list[str]:
    """The names in braces that `.format()` fills in."""
    return sorted(piece.split("}")[0] for piece in text.split("{")[1:])


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    found = faults()
    print("\n".join(found or ["strings: all in Chinese"]))
    sys.exit(bool(found) and sys.argv[1:] == ["check"])
