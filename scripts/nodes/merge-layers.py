"""merge-layers.py NEW LAYER...: copies overlay layers, the newest first, into one that hides and shows the same."""

import os
import shutil
import stat
import subprocess
import sys


def is_whiteout(info):
    return stat.S_ISCHR(info.st_mode) and info.st_rdev == 0


def is_opaque(path):
    try:
        return os.getxattr(path, "trusted.overlay.opaque", follow_symlinks=False) == b"y"
    except OSError:
        return False


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)


def clear(layer, merged):
    """Removes what the layer replaces: all but a folder that is merged with a folder."""
    for entry in os.scandir(layer):
        below = os.path.join(merged, entry.name)
        if not os.path.lexists(below):
            continue
        is_folder = entry.is_dir(follow_symlinks=False)
        info = os.lstat(below)
        if is_folder and stat.S_ISDIR(info.st_mode) and not is_opaque(entry.path):
            clear(entry.path, below)
            continue
        if is_folder and is_whiteout(info) and not is_opaque(entry.path):
            sys.exit(f"{entry.path}: a folder over a removed one has to hide what lies below")
        remove(below)


def main():
    new, *layers = sys.argv[1:]
    os.mkdir(new)
    for layer in reversed(layers):
        clear(layer, new)
        # A file system may have no room for all of it twice: reflinks where it has them.
        subprocess.run(["cp", "-a", "--reflink=auto", f"{layer}/.", f"{new}/"], check=True)


main()
