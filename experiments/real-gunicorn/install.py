"""Installs what a server or a tool needs, where that is allowed."""

import os
import subprocess


def from_debian(packages):
    """Only for root: nobody is asked for a password."""
    if os.getuid() != 0:
        raise OSError(f"{packages} cannot be installed: that is left to root")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages.split()]
    subprocess.run(apt, check=True, timeout=300, env=environment, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
