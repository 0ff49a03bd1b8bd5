"""Who imports whom in dlbook, read off the source: the map in CONTRIBUTING.md.

python tools/layout.py            print the map
python tools/layout.py --write    put it into CONTRIBUTING.md
"""

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- layout: made by `make layout` -->\n", "<!-- end of layout -->\n"


def name_of(path):
    """dlbook/nn/layers.py -> ("nn", "layers"); a package's own file is called after the package."""
    parts = path.relative_to(ROOT / "dlbook").with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def files():
    """Every file by its name, but for dlbook/__init__.py, which only collects."""
    return {name: path for path in (ROOT / "dlbook").rglob("*.py") if (name := name_of(path))}


def imports():
    """file -> the files that it imports when it is itself imported (not those asked for later)."""
    known = files()
    found = {}
    for name, path in known.items():
        package = name if path.name == "__init__.py" else name[:-1]
        found[name] = set()
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.ImportFrom) or not node.level:
                continue
            base = package[: len(package) - node.level + 1]
            base += tuple((node.module or "").split(".")) if node.module else ()
            for alias in node.names:
                target = (*base, alias.name) if (*base, alias.name) in known else base
                if target and target != name:
                    found[name].add(target)
    return found


def rooms():
    """The same between rooms: a folder of dlbook, or a file beside the folders."""
    found = {}
    for name, targets in imports().items():
        found.setdefault(name[0], set()).update(t[0] for t in targets if t[0] != name[0])
    return found


def draw():
    """A line a room, those that need nothing first; each names what it is built on."""
    built_on = rooms()
    rank = {}
    for room in TopologicalSorter(built_on).static_order():  # CycleError if an arrow runs back
        rank[room] = 1 + max((rank[below] for below in built_on[room]), default=0)
    order = sorted(built_on, key=lambda room: (rank[room], room))
    lines = []
    for k, room in enumerate(order):
        storey = f"{rank[room]}" if k == 0 or rank[room] != rank[order[k - 1]] else " "
        below = ", ".join(sorted(built_on[room], key=order.index)) or "nothing of dlbook"
        lines.append(f"{storey}  {room:11} <- {below}")
    return "```\n" + "\n".join(lines) + "\n```\n"


def main():
    path = ROOT / "CONTRIBUTING.md"
    if "--write" in sys.argv[1:]:
        before, rest = path.read_text("utf-8").split(BEGIN)
        path.write_text(before + BEGIN + draw() + END + rest.split(END)[1], "utf-8")
    else:
        print(draw())


if __name__ == "__main__":
    main()
