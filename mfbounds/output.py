"""Files that are either complete or absent."""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mfbounds.errors import InputError


def write_files(folder: str | os.PathLike[str], contents: Mapping[str, bytes]) -> None:
    """Write all files into a folder, which is made when missing; either all of them appear, or none does.

    Raises:
        InputError: the folder cannot be written; nothing is left behind.
    """
    target = Path(folder)
    written: list[tuple[Path, Path]] = []
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            temporary = target / f".{name}.{uuid.uuid4().hex}.tmp"  # a killed process may leave one behind
            written.append((temporary, target / name))
            with temporary.open("xb") as stream:
                stream.write(content)
        for temporary, final in written:
            temporary.replace(final)
    except OSError as error:
        raise InputError(f"folder == '{target}', must be a folder that can be written: {error.strerror}") from error
    finally:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, Any]) -> None:
    """Write named arrays to an .npz file (compressed, no pickle), in one step.

    Raises:
        InputError: the file cannot be written; nothing is left behind.
    """
    import numpy as np  # here, because a pytest run that records no verdict must not pay for it

    buffer = io.BytesIO()
    np.savez_compressed(buffer, **dict[str, Any](arrays))
    target = Path(path)
    write_files(target.parent, {target.name: buffer.getvalue()})
