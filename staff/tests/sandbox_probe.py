"""What code looks for that wants to see more than its own notebook; runs in a student's process, and outside of one."""


def probe(folder: str, names: list[str]) -> list[str]:
    """What can be read of a folder, of courses in the temporary folder, of processes whose command has such a name."""
    from contextlib import suppress
    from os import getpid
    from pathlib import Path

    found: list[str] = []

    def look(path: Path) -> None:
        try:
            with path.open("rb") as file:
                file.read(1)
            found.append(str(path))
        except OSError as error:
            if path.name == "mem" and error.errno == 5:  # it was opened: there is nothing at address 0
                found.append(str(path))

    with suppress(OSError):
        for path in [*Path(folder).rglob("*"), *Path("/tmp").glob("*/assignments.toml")]:
            look(path)
    for process in Path("/proc").glob("[0-9]*"):
        command = ""
        with suppress(OSError):
            command = (process / "cmdline").read_text()
        if any(name in command for name in names) and process.name != str(getpid()):
            for name in ("environ", "maps", "mem"):
                look(process / name)
    return found
