"""Run the notebooks and keep of each a rendering that can be read without running anything.

    python notebooks/build.py            write docs/notebooks/*.md with their pictures
    python notebooks/build.py --check    run them, and fail where a rendering that is kept says something else
    python notebooks/build.py 2 5        only the notebooks whose names start so

The notebooks with their outputs, to open in Jupyter, are left in build/notebooks. The outputs of a cell with the tag
"live" (sliders) are not rendered: they mean nothing without a kernel. A notebook that writes to stderr, as warnings do,
fails.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbconvert import MarkdownExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image
from traitlets.config import Config

from mfbounds.output import write_files

HERE = Path(__file__).resolve().parent
RUNNABLE = HERE.parent / "build" / "notebooks"
LONG = 12  # lines of a drawing cell that is folded away
RENDERED = HERE.parent / "docs" / "notebooks"
TIMEOUT = 150  # seconds a cell; none takes 10 on an idle machine


def main() -> int:
    """The exit code: 0 when every notebook ran and, with --check, every rendering is current."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="which notebooks, by the start of their names; all by default")
    parser.add_argument("--check", action="store_true", help="compare with the renderings that are kept; write none")
    arguments = parser.parse_args()
    chosen = tuple(arguments.names) or ("",)
    failures = []
    for source in sorted(HERE.glob("[0-9]_*.py")):
        if source.name.startswith(chosen):
            print(source.name, end=": ", flush=True)
            trouble = build(source, check=arguments.check)
            print(trouble or "ok")
            failures += [source.name] if trouble else []
    return 1 if failures else 0


def build(source: Path, *, check: bool) -> str:
    """Runs one notebook and writes (or compares) its rendering; what went wrong, or ''."""
    try:
        try:
            notebook = executed(source)
        except CellTimeoutError:  # seldom, a kernel does not hear of a cell and waits for ever: a new one starts again
            notebook = executed(source)
    except (CellExecutionError, CellTimeoutError) as error:
        return re.sub(r"\x1b\[[0-9;]*m", "", str(error))  # without the colours of a terminal
    write_files(RUNNABLE, {f"{source.stem}.ipynb": nbformat.writes(notebook).encode()})
    if noise := noise_of(notebook):
        return f"wrote to stderr, must be silent: {noise}"
    text, pictures = rendering(notebook, source)
    kept = RENDERED / f"{source.stem}.md"
    if check:
        return difference(kept, text)
    folder = RENDERED / source.stem
    for old in folder.glob("*.png"):
        old.unlink()
    write_files(folder, {Path(name).name: small(content) for name, content in pictures.items()})
    write_files(RENDERED, {kept.name: text.encode()})
    return ""


def executed(source: Path) -> nbformat.NotebookNode:
    """The notebook, every cell run; kernel and client talk through a private folder, so that no port is opened."""
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    with tempfile.TemporaryDirectory() as folder:
        local = Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}})
        resources = {"metadata": {"path": str(HERE)}}
        client = NotebookClient(
            notebook, timeout=TIMEOUT, resources=resources, config=local, shutdown_kernel="immediate"
        )
        client.execute()
    return notebook


def noise_of(notebook: nbformat.NotebookNode) -> str:
    """What the notebook wrote to stderr."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "".join(output.text for output in outputs if output.get("name") == "stderr")


def rendering(notebook: nbformat.NotebookNode, source: Path) -> tuple[str, Mapping[str, bytes]]:
    """The Markdown, and the pictures by their paths beside it."""
    config = Config()
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_all_outputs_tags = {"live"}
    config.TagRemovePreprocessor.remove_input_tags = {"folded"}
    exporter = MarkdownExporter(config=config)
    resources = {"unique_key": "figure", "output_files_dir": source.stem}
    body, found = exporter.from_notebook_node(folded(notebook), resources)
    body = re.sub(r"<style scoped>.*?</style>\s*", "", body, flags=re.S)  # of pandas: shown as text by some readers
    body = re.sub(r"[ \t]+$", "", body, flags=re.M)
    body = re.sub(r"\n{3,}", "\n\n", body).strip()
    return f"{header(source)}\n\n{body}\n", found.get("outputs", {})


def folded(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with the code of long drawing cells folded away: a reader of the page wants the picture."""
    cells = []
    for cell in notebook.cells:
        drawn = any("image/png" in output.get("data", {}) for output in cell.get("outputs", ()))
        if not drawn or len(cell.source.splitlines()) <= LONG or "live" in cell.metadata.get("tags", ()):
            cells.append(cell)
            continue
        code = new_code_cell(cell.source, execution_count=cell.execution_count)
        outputs = new_code_cell(metadata={"tags": ["folded"]}, outputs=cell.outputs)
        cells += [new_markdown_cell("<details><summary>how it is drawn</summary>"), code]
        cells += [new_markdown_cell("</details>"), outputs]
    return new_notebook(cells=cells, metadata=notebook.metadata)


def small(picture: bytes) -> bytes:
    """The picture with 256 colours: less than half of the size, since these are kept under version control."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def header(source: Path) -> str:
    """Says what the rendering was made from, so that a test can tell whether it is current."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    return f"<!-- Rendered by `make notebooks` from notebooks/{source.name}, SHA-256 {digest} -->"


def difference(kept: Path, text: str) -> str:
    """The first line in which a kept rendering differs from a new one, or ''."""
    old = kept.read_text().splitlines() if kept.exists() else []
    new = text.splitlines()
    for number, (was, now) in enumerate(zip(old, new, strict=False), start=1):
        if was != now:
            return f"{kept.name}:{number} is {was!r}, must be {now!r}: run `make notebooks`"
    return (
        "" if len(old) == len(new) else f"{kept.name} has {len(old)} lines, must have {len(new)}: run `make notebooks`"
    )


if __name__ == "__main__":
    sys.exit(main())
