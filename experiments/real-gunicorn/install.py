"""Installs what a server or a tool needs, where that is allowed."""

import os
import subprocess


def from_pypi(python, packages):
    """Into the virtual environment of an interpreter."""
    pip = [python, "-m", "pip", "install", "--quiet", *packages.split()]
    subprocess.run(pip, check=True, timeout=300, stderr=subprocess.DEVNULL)


def from_debian(packages):
    """Only as root, so that no password is needed."""
    if os.getuid() != 0:
        raise OSError(f"{packages} cannot be installed: that is left to root")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages.split()]
    subprocess.run(apt, check=True, timeout=300, env=environment, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
