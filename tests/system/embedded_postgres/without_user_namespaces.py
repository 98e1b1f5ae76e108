"""
Run a command as root where user namespaces are forbidden, as in most containers.

``without_user_namespaces.py COMMAND …``: in a namespace that has every user and allows no further one. Python 3.11
has no ``os.unshare``.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
EVERYBODY = "0 0 65536"

if __name__ == "__main__":
    unshared, tell_unshared = os.pipe()
    mapped, tell_mapped = os.pipe()
    child = os.fork()
    if child:
        os.read(unshared, 1)
        for kind in ("uid", "gid"):
            Path(f"/proc/{child}/{kind}_map").write_text(EVERYBODY)
        os.write(tell_mapped, b"!")
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    if ctypes.CDLL(None).unshare(CLONE_NEWUSER) != 0:
        sys.exit("user namespaces are forbidden here already")
    os.write(tell_unshared, b"!")
    os.read(mapped, 1)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606
