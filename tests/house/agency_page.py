"""`openapi/agency.yaml` as a page of the documentation; `make openapi` writes it, a test compares it."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import yaml

from tests.house.repository import ROOT

DOCUMENT = ROOT / "openapi" / "agency.yaml"
PAGE = ROOT / "docs" / "agency-api.md"
LANGUAGES = {"json": "json", "xml": "xml", "form": "text"}
Tree = dict[str, Any]


def page() -> str:
    """Write the page: what an agency of each kind serves, with one example each way."""
    spec: Tree = yaml.safe_load(DOCUMENT.read_text("utf-8"))
    lines = [
        f"# {spec['info']['title']}", "",
        "Generated from `openapi/agency.yaml` by `make openapi`; the YAML holds the schemas and every example.", "",
        spec["info"]["summary"], "", spec["info"]["description"], "",
    ]  # fmt: skip
    for tag in spec["tags"]:
        lines += [f"## {tag['name']}", ""]
        if server := next((one for one in spec["servers"] if one["url"][-1] == _place(spec, tag["name"])), None):
            lines += [f"{server['description']}: `{server['url']}`", ""]
        for path, methods in spec["paths"].items():
            for method, operation in methods.items():
                if operation["tags"] == [tag["name"]]:
                    lines += _operation(spec, method, path, operation)
    return "\n".join(lines).rstrip() + "\n"


def _place(spec: Tree, name: str) -> str:
    """Give the last digit of the port at which the simulator of a kind listens; none for what all have."""
    names = [one["name"] for one in spec["tags"]]
    return str(names.index(name)) if name != "login" else ""


def _operation(spec: Tree, method: str, path: str, operation: Tree) -> Iterator[str]:
    yield from (f"### {method.upper()} `{path}`", "", f"{operation['summary']}.", "")
    if told := operation.get("description"):
        yield from (" ".join(told.split()), "")
    for one in operation.get("parameters", []):
        known = _resolved(spec, one)
        needed = "required" if known.get("required") else "optional"
        told = " ".join(known.get("description", "").split())
        yield f"- `{known['name']}` ({known['in']}, {needed})" + (f": {told}" if told else "")
    if operation.get("parameters"):
        yield ""
    for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
        yield from _example(f"Body, `{media_type}`", media_type, body)
    yield from ("| Answer | Meaning | As |", "|---|---|---|")
    for status, answer in operation["responses"].items():
        known = _resolved(spec, answer)
        kinds = ", ".join(f"`{one}`" for one in known.get("content", {}))
        yield f"| {status} | {' '.join(known['description'].split())} | {kinds} |"
    yield ""
    good = next((each for status, each in operation["responses"].items() if status[0] == "2"), {})
    for media_type, body in _resolved(spec, good).get("content", {}).items():
        yield from _example(f"Answer, `{media_type}`", media_type, body)


def _resolved(spec: Tree, value: Tree) -> Tree:
    found: Any = spec
    for step in value.get("$ref", "").removeprefix("#/").split("/") if "$ref" in value else []:
        found = found[step]
    return value if found is spec else found


def _example(title: str, media_type: str, body: Tree) -> Iterator[str]:
    shown = body.get("example", next((one["value"] for one in body.get("examples", {}).values()), None))
    if shown is None:
        return
    text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False, indent=1)
    text = urlencode(shown) if "urlencoded" in media_type else text
    language = next((word for name, word in LANGUAGES.items() if name in media_type), "text")
    yield from (f"{title}:", "", f"```{language}", text.strip(), "```", "")
