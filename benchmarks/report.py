"""What a benchmark tells: a table for people, and a JSON file with the machine and its load beside every figure."""

import json
import os
import platform
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "results"


class Report:
    """The figures of one run of a benchmark, with what the machine was and did."""

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        self._name = name
        self._options = {key: str(value) if isinstance(value, Path) else value for key, value in options.items()}
        self._loads = [os.getloadavg()[0]]
        self._began = time.strftime("%Y-%m-%d %H:%M")

    def write(self, figures: Mapping[str, Any], path: Path | None = None) -> None:
        """Writes the JSON file, results/NAME.json where no other is named, and says where and under which load."""
        self._loads.append(os.getloadavg()[0])
        path = path or FOLDER / f"{self._name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        run = {"began": self._began, "machine": machine(), "load before and after": self._loads}
        content = {"benchmark": self._name, **run, "options": self._options, "figures": figures}
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        before, after = self._loads
        print(f"\n{machine_line()}, load {before:.1f} before and {after:.1f} after\n{path}", flush=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table in Markdown; numbers with three digits that matter."""
    lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> dict[str, Any]:
    """The processor, the number of cores, the kernel, and the versions that matter."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "torch": version("torch"),
    }


def machine_line() -> str:
    """The machine in a line."""
    about = machine()
    return f"{about['processor']}, {about['cores']} cores, Python {about['Python']}, torch {about['torch']}"


def processor() -> str:
    """The model of the processor, with its family, as /proc/cpuinfo names them."""
    lines = Path("/proc/cpuinfo").read_text().partition("\n\n")[0].splitlines()
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    name = fields.get("model name") or platform.machine()
    return f"{name}, family {fields['cpu family']}" if "cpu family" in fields else name


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
