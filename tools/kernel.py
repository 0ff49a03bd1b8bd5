"""The kernel in which nbval executes a notebook: python -I kernel.py FOLDER PACKAGE -f CONNECTION_FILE

It works in the empty FOLDER/room. In FOLDER/opened it notes every file of PACKAGE that is opened: on what the
notebook depends.
"""

import os
import sys

folder, package = sys.argv[1:3]
del sys.argv[1:3]
notes = open(os.path.join(folder, "opened"), "w", encoding="utf-8", buffering=1)  # noqa: SIM115


def note(event, args):
    if event == "open" and not isinstance(args[0], int):
        path = os.path.abspath(os.fsdecode(args[0]))
        if path.startswith(package + os.sep):
            notes.write(path + "\n")


sys.addaudithook(note)
os.chdir(os.path.join(folder, "room"))

from ipykernel import kernelapp  # noqa: E402

kernelapp.launch_new_instance()
