"""Build the compiled core of the matcher into the package, as ``WATCHER_BUILD_CORE`` says.

- ``1``: with the core; if it cannot be compiled, the build fails.
- ``auto``: with the core if it can be compiled; the Makefile uses this.
- ``0`` or unset: pure Python, which runs everywhere and can be uploaded anywhere; the matcher is slower then.

``watcher status`` shows which one runs.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SWITCH = "WATCHER_BUILD_CORE"
SOURCE = Path("watcher", "matching", "_core.c")
BUILT = SOURCE.with_name("_core.abi3.so")
OLDEST = "cp311"
"""The Python whose stable ABI the core is compiled for; every later one loads it."""


class CannotBuildCore(Exception):
    """The core could not be built although it was required; the text tells why and what to do."""


class CompiledCore(BuildHookInterface[Any]):
    """Add the core to a wheel, which then fits this platform only."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before hatchling collects the files of the wheel. Raises `CannotBuildCore`."""
        root = Path(self.root)
        wanted = os.environ.get(SWITCH) or "0"
        if wanted not in ("0", "1", "auto"):
            raise CannotBuildCore(f"{SWITCH}={wanted}: write 1, auto or 0")
        if wanted == "0":
            if version == "editable":  # a core left by an earlier install may be older than its source
                (root / BUILT).unlink(missing_ok=True)
            return
        try:
            compile_core(root / SOURCE, root / BUILT)
        except CannotBuildCore as error:
            if wanted == "1":
                raise
            self.app.display_warning(f"building without the compiled core: {error}")
            return
        build_data["artifacts"].append(f"/{BUILT.as_posix()}")
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"{OLDEST}-abi3-{platform}"


def compile_core(source: Path, target: Path) -> None:
    """Compile one file to a module. Raises `CannotBuildCore`, and leaves no module behind, if that fails."""
    target.unlink(missing_ok=True)
    compiler = shlex.split(sysconfig.get_config_var("CC") or "cc")
    headers = sysconfig.get_paths()["include"]
    command = [*compiler, "-O2", "-fPIC", "-shared", f"-I{headers}", str(source), "-o", str(target)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the compiler of this Python
    except OSError as error:
        raise CannotBuildCore(_what_to_do(f"{compiler[0]}: {error.strerror}")) from error
    if done.returncode != 0:
        raise CannotBuildCore(_what_to_do(f"{shlex.join(command)} failed:\n{done.stderr.strip()}"))


def _what_to_do(failed: str) -> str:
    return (
        f"{failed}\nTo compile the core, install a C compiler and the headers of this Python (on Debian: gcc, "
        f"libc6-dev, python3-dev); to do without it, leave out {SWITCH}."
    )
