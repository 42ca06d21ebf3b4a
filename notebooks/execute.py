#!/usr/bin/env python3
"""Executes the notebooks. With --check compares the texts with those that stand inside (their
numbers come from fixed seeds) and prints what differs; without it, writes the new outputs."""

import difflib
import os
import pathlib
import sys

import nbformat
from nbclient import NotebookClient


def texts(notebook):
    cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    found = [
        output.get("text") or output.get("data", {}).get("text/plain")
        for cell in cells
        for output in cell.outputs
    ]
    return [line for text in found for line in (text or "").splitlines()]


def main():
    # How far a run is depends on the time that it takes.
    os.environ["SIMSRV_PROGRESS"] = "none"
    check = "--check" in sys.argv
    differing = []
    for path in sorted(pathlib.Path(__file__).parent.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        before = texts(notebook)
        # As Jupyter does, so that files beside the notebook are found.
        here = {"metadata": {"path": str(path.parent)}}
        NotebookClient(notebook, timeout=300, kernel_name="python3", resources=here).execute()
        after = texts(notebook)
        # A notebook that was never written with its outputs has nothing to compare.
        if check and before and after != before:
            differing.append(path.name)
            print("\n".join(difflib.unified_diff(before, after, "inside", "executed", lineterm="")))
        if not check:
            for cell in notebook.cells:
                cell.metadata.pop("execution", None)
            notebook.metadata.pop("language_info", None)
            nbformat.write(notebook, path)
        print(f"{path.name}: executed", flush=True)
    if differing:
        sys.exit(f"{', '.join(differing)}: the outputs are not those that stand inside")


main()
