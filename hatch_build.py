"""Builds the compiled core of the matcher into the package where there is a C compiler, and leaves it out where not.

The matcher works without it, more slowly; ``watcher status`` says which one runs. An editable install gets it too.
"""

from __future__ import annotations

import shlex
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("watcher", "matching", "_core.c")
BUILT = SOURCE.with_name("_core.abi3.so")
OLDEST = "cp311"
"""The Python whose stable ABI the core is compiled for; every later one loads it."""


class CompiledCore(BuildHookInterface[Any]):
    """Adds the core to a wheel; the wheel is then one of this platform."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the hook's signature
        """Compile before the files of the wheel are gathered."""
        root = Path(self.root)
        if not compiled(root / SOURCE, root / BUILT):
            self.app.display_warning("no C compiler or no Python headers: the matcher runs without its compiled core")
            return
        build_data["artifacts"].append(f"/{BUILT.as_posix()}")
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"{OLDEST}-abi3-{platform}"


def compiled(source: Path, target: Path) -> bool:
    """Compile one file to a module. False, and no module, if that cannot be done here."""
    target.unlink(missing_ok=True)
    compiler = shlex.split(sysconfig.get_config_var("CC") or "cc")
    headers = sysconfig.get_paths()["include"]
    command = [*compiler, "-O2", "-fPIC", "-shared", f"-I{headers}", str(source), "-o", str(target)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - the compiler of this Python
    except OSError:
        return False
    return done.returncode == 0 and target.exists()
