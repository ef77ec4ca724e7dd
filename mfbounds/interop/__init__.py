"""Games and runs of other libraries: bench-mfg-suite and mfglib.

Environments are taken by their interface, so none of these packages is needed to import this one. Only `to_mfglib` and
`environment_of`, which make an object of the other library, import it when they are called.
"""

from mfbounds.interop.bench_mfg import from_bench_mfg
from mfbounds.interop.mfglib_export import to_mfglib
from mfbounds.interop.mfglib_import import from_mfglib
from mfbounds.interop.rescoring import Rescore, rescore
from mfbounds.interop.run_folder import RunFolder, environment_of, read_run

__all__ = [
    "Rescore",
    "RunFolder",
    "environment_of",
    "from_bench_mfg",
    "from_mfglib",
    "read_run",
    "rescore",
    "to_mfglib",
]
