"""Fetch and repack the Python that runs in the pages: python tools/python_for_pages.py

From two npm packages, whose hashes stand here, and matmul.ts into _vendor/python; the same bytes every time.
`npm` fetches them. What is in them, and under which licences, says _vendor/python/README.md.
"""

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "_vendor" / "python"
PYODIDE = ("pyodide@0.25.1", "d301c5b18b888ec7ad2bf616fcdd14eb36f4c9f41c513f89fcfcc3455d447a63")
NUMPY = (
    "@emscripten-forge/numpy@2.1.1-py311hc8e14bb-0",
    "822f06282c206a2d82dbcd9575f823d9051a8b8bb7e20f556e490c9b3f3da6a2",
)
COMPILER = "assemblyscript@0.28.20"
# Of NumPy nothing is left out but what computes nothing: tests, builders, headers, type stubs.
WITHOUT = ("/tests/", "/distutils/", "/f2py/", "/include/", "/_pyinstaller/", "_tests.cpython")
WITHOUT_SUFFIX = (".pyi", ".h", ".a", ".pyc", ".f90", ".pxd")


def fetch(package, sha256):
    """The files of an npm package, by name, after its hash was found right."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True)
        packed = next(Path(folder).glob("*.tgz")).read_bytes()
    found = hashlib.sha256(packed).hexdigest()
    if found != sha256:
        raise SystemExit(f"{package} has the SHA-256 {found}, expected {sha256}")
    return unpacked(packed)


def unpacked(archive):
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}


def squeezed(data):
    return gzip.compress(data, 9, mtime=0)


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def built(source):
    """WebAssembly from AssemblyScript."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.wasm"
        options = ["-O3", "--runtime", "stub", "--importMemory", "--enable", "simd", "--noAssert"]
        command = ["npm", "exec", "--yes", f"--package={COMPILER}", "--", "asc", source, *options]
        subprocess.run([*command, "-o", out], cwd=folder, check=True)
        return out.read_bytes()


def wanted(name):
    return not any(part in name for part in WITHOUT) and not name.endswith(WITHOUT_SUFFIX)


def main():
    pyodide = fetch(*PYODIDE)
    (inner,) = (data for name, data in fetch(*NUMPY).items() if name.endswith(".tar.gz"))
    root = "lib/python3.11/site-packages/"
    numpy = {name.removeprefix(root): data for name, data in unpacked(inner).items()
             if name.startswith(root) and wanted(name)}  # fmt: skip
    lock = json.loads(pyodide["package/pyodide-lock.json"])  # its packages lie on Pyodide's host
    made = {
        "pyodide.mjs": pyodide["package/pyodide.mjs"],
        "pyodide.asm.js.gz": squeezed(pyodide["package/pyodide.asm.js"]),
        "pyodide-lock.json": json.dumps({"info": lock["info"], "packages": {}}).encode(),
        "python_stdlib.zip": pyodide["package/python_stdlib.zip"],
        "pyodide.asm.wasm.gz": squeezed(pyodide["package/pyodide.asm.wasm"]),
        "numpy.zip": zipped(numpy),
        "matmul.wasm": built(Path(__file__).with_name("matmul.ts")),
    }
    for name, data in made.items():
        (OUT / name).write_bytes(data)
        print(f"{hashlib.sha256(data).hexdigest()}  {name}  {len(data):,} bytes")


if __name__ == "__main__":
    main()
