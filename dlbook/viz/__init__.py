"""Figures that react: `viz.softmax()` as the last line of a cell, in the book, in Jupyter or in Colab.

Each is a file of plain JavaScript beside this one, which needs no network and no server.
"""

from .figures import *
