"""One peer, in an environment of its own: answers how much processor time some conversions took.

Started as ``python serve.py liquid|jsonata FIR.xml ENVELOPE.json``. Its first line on standard output is the Bundle it
makes; then each line of standard input, a number of conversions, is answered by a line: their processor time in
nanoseconds. Only this environment's packages are imported, never the gateway's.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

HERE = Path(__file__).parent


def liquid(document: bytes, envelope: dict[str, Any]) -> Callable[[], str]:
    """Return the conversion by python-fhir-converter: XML in, a Bundle out."""
    from fhir_converter.renderers import CcdaRenderer, make_environment  # noqa: PLC0415
    from liquid.loaders import FileExtensionLoader  # noqa: PLC0415

    environment = make_environment(loader=FileExtensionLoader(HERE / "templates", ext=".liquid"))
    renderer = CcdaRenderer(environment, {"envelope": envelope})
    return lambda: renderer.render_fhir_string("FIR", document)


def jsonata(document: bytes, envelope: dict[str, Any]) -> Callable[[], str]:
    """Return the conversion by jsonata-python: the report as JSON in, a Bundle out."""
    import xmltodict  # noqa: PLC0415
    from jsonata import Jsonata  # noqa: PLC0415

    several = ("Person", "Offense", "Association", "Official")
    data = json.dumps(xmltodict.parse(document, force_list=several))
    expression = Jsonata((HERE / "fir.jsonata").read_text("utf-8"))
    expression.assign("envelope", envelope)
    expression.register_lambda("uuid", lambda text: str(uuid5(NAMESPACE_URL, text)))
    return lambda: json.dumps(expression.evaluate(json.loads(data)))


def main() -> None:
    """Convert once, then as often as asked."""
    make = {"liquid": liquid, "jsonata": jsonata}[sys.argv[1]]
    convert = make(Path(sys.argv[2]).read_bytes(), json.loads(Path(sys.argv[3]).read_text("utf-8")))
    print(json.dumps(json.loads(convert())), flush=True)
    for line in sys.stdin:
        started = time.process_time_ns()
        for _ in range(int(line)):
            convert()
        print(time.process_time_ns() - started, flush=True)


if __name__ == "__main__":
    main()
