"""Build the compiled core of the matcher into the package, if ``WATCHER_BUILD_CORE=1`` asks for it.

Without it the wheel is pure Python, runs everywhere, and can be uploaded anywhere; the matcher is slower then.
``watcher status`` shows which one runs. The Makefile asks for the core where it finds a C compiler.
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


class CompiledCore(BuildHookInterface[Any]):
    """Add the core to a wheel, which then fits this platform only."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the files of the wheel are gathered."""
        root = Path(self.root)
        if os.environ.get(SWITCH) != "1":
            if version == "editable":  # a core left by an earlier install may be older than its source
                (root / BUILT).unlink(missing_ok=True)
            return
        if not compiled(root / SOURCE, root / BUILT):
            self.app.display_warning("no C compiler or no Python headers: building without the compiled core")
            return
        build_data["artifacts"].append(f"/{BUILT.as_posix()}")
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"{OLDEST}-abi3-{platform}"


def compiled(source: Path, target: Path) -> bool:
    """Compile one file to a module. Return False, and leave no module behind, if that fails."""
    target.unlink(missing_ok=True)
    compiler = shlex.split(sysconfig.get_config_var("CC") or "cc")
    headers = sysconfig.get_paths()["include"]
    command = [*compiler, "-O2", "-fPIC", "-shared", f"-I{headers}", str(source), "-o", str(target)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - the compiler of this Python
    except OSError:
        return False
    return done.returncode == 0 and target.exists()
