"""What the child process sees of the environment."""

import os
import re
from collections.abc import Mapping

__all__ = ["child_environment"]

# What an interpreter and a library that computes need. A list of what may pass, not of what may not:
# nobody knows all the names under which people keep secrets.
_NAMES = frozenset({
    "HOME", "LANG", "LANGUAGE", "PATH", "TEMP", "TMP", "TMPDIR", "TZ",
    "PYTHONHOME", "PYTHONNOUSERSITE", "PYTHONPATH", "PYTHONUSERBASE", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__",
    "DYLD_LIBRARY_PATH", "LD_LIBRARY_PATH",
    "APPDATA", "COMSPEC", "LOCALAPPDATA", "NUMBER_OF_PROCESSORS", "PATHEXT", "PROCESSOR_ARCHITECTURE",
    "SYSTEMDRIVE", "SYSTEMROOT", "USERPROFILE", "WINDIR",
})  # fmt: skip
_PREFIXES = ("CUDA_", "GGML_", "HIP_", "HSA_", "LC_", "METAL_", "OMP_", "ROCR_", "VK_")
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH", re.IGNORECASE)


def child_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The part of the environment (``os.environ``) that the server may see: no key of any host is in it."""
    source = os.environ if environment is None else environment
    return {
        name: value
        for name, value in source.items()
        if (name.upper() in _NAMES or name.upper().startswith(_PREFIXES)) and not _SECRET.search(name)
    }
