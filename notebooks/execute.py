#!/usr/bin/env python3
"""Executes the notebooks. With --check compares the texts with those that stand inside (their
numbers come from fixed seeds); without it, writes the new outputs."""

import os
import pathlib
import sys

import nbformat
from nbclient import NotebookClient


def texts(notebook):
    cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    return [
        output.get("text") or output.get("data", {}).get("text/plain")
        for cell in cells
        for output in cell.outputs
    ]


def main():
    # How far a run is depends on the time that it takes.
    os.environ["SIMSRV_PROGRESS"] = "none"
    check = "--check" in sys.argv
    for path in sorted(pathlib.Path(__file__).parent.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        before = texts(notebook)
        # As Jupyter does, so that files beside the notebook are found.
        here = {"metadata": {"path": str(path.parent)}}
        NotebookClient(notebook, timeout=300, kernel_name="python3", resources=here).execute()
        # A notebook that was never written with its outputs has nothing to compare.
        if check and before and texts(notebook) != before:
            sys.exit(f"{path.name}: the outputs are not those that stand inside")
        if not check:
            for cell in notebook.cells:
                cell.metadata.pop("execution", None)
            notebook.metadata.pop("language_info", None)
            nbformat.write(notebook, path)
        print(f"{path.name}: executed")


main()
