// Python, in a worker of its own: the page stays free, and Stop ends it.
const here = new URL(".", location.href).href;
const post = (kind, value) => postMessage([kind, value]);

// Every file comes through here: what has arrived is counted, and what is packed is unpacked.
const get = globalThis.fetch.bind(globalThis);
let arrived = 0;
async function fetched(url) {
  const answer = await get(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const counted = new TransformStream({
    transform(piece, out) {
      post("arrived", (arrived += piece.length));
      out.enqueue(piece);
    },
  });
  const stream = answer.body.pipeThrough(counted);
  return url.endsWith(".gz") ? stream.pipeThrough(new DecompressionStream("gzip")) : stream;
}
const bytes = async (url) => new Uint8Array(await new Response(await fetched(url)).arrayBuffer());
globalThis.fetch = async (url, options) => {
  url = String(url?.url ?? url);
  if (!url.startsWith(here)) return get(url, options);
  const packed = url.endsWith(".wasm");
  const type = packed ? "application/wasm" : "application/octet-stream";
  return new Response(await fetched(url + (packed ? ".gz" : "")), { headers: { "content-type": type } });
};

async function small() {
  const { loadPyodide } = await import(here + "pyodide.mjs");
  const [script, numpy] = await Promise.all([bytes(here + "pyodide.asm.js.gz"), bytes(here + "numpy.zip")]);
  await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  const memory = new WebAssembly.Memory({ initial: 320, maximum: 32768 }); // as Pyodide makes its own
  const make = globalThis._createPyodideModule;
  globalThis._createPyodideModule = (module) => make(Object.assign(module, { wasmMemory: memory }));
  const python = await loadPyodide({ indexURL: here });
  // A C symbol that this NumPy asks for and Pyodide lacks: 0 means "no frames", and costs a reuse of memory.
  python._module.mergeLibSymbols({ backtrace: () => 0 }, "stub");
  python.unpackArchive(numpy, "zip", { extractDir: "/lib/python3.11/site-packages" });
  await quicken(python, memory).catch((error) => console.warn("products stay slow:", error));
  return python;
}

// This NumPy has no BLAS. Two loops of its `matmul` are replaced by ours (tools/matmul.ts), some twenty times as fast.
async function quicken(python, memory) {
  const code = await bytes(here + "matmul.wasm");
  const { instance: { exports: ours } } = await WebAssembly.instantiate(code, { env: { memory } });
  const [ufunc, types, buffer] = python.runPython(`
    import numpy as np
    np.matmul_buffer = np.empty(5000)  # 40 kB, kept with NumPy
    [id(np.matmul), np.matmul.types, np.matmul_buffer.ctypes.data]
  `).toJs();
  const words = python._module.HEAPU32;
  const at = ufunc / 4; // PyUFuncObject: [2] number of inputs, [6] its loops, [8] how many
  if (words[at + 2] !== 2 || words[at + 8] !== types.length) throw new Error("another NumPy");
  ours.use(buffer);
  for (const [type, loop] of [["ff->f", ours.float], ["dd->d", ours.double]])
    words[words[at + 6] / 4 + types.indexOf(type)] = python._module.addFunction(loop, "viiii");
}

async function full(host) {
  const { loadPyodide } = await import(host + "pyodide.mjs");
  const python = await loadPyodide({ indexURL: host });
  await python.loadPackage(["numpy", "matplotlib"]);
  return python;
}

// Python waits for a data file, so it is read without leaving Python.
function data(name) {
  const request = new XMLHttpRequest();
  request.open("GET", `${here}data/${name}`, false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(`${name}: ${request.status}`);
  return new Uint8Array(request.response);
}

async function start(host) {
  const [python, dlbook, cells] = await Promise.all([
    host ? full(host) : small(), bytes(here + "dlbook.zip"), bytes(here + "cells.py"),
  ]);
  python.FS.mkdirTree("/book");
  python.FS.writeFile("/book/page_cells.py", cells);
  python.unpackArchive(dlbook, "zip", { extractDir: "/book" });
  python.runPython("import sys; sys.path.insert(0, '/book')");
  const show = (kind, value) => post(kind, value.toJs ? value.toJs() : value);
  const read = (name) => python.toPy(data(name)).tobytes();
  return python.pyimport("page_cells").start(show, read, Boolean(host));
}

let run;
onmessage = async ({ data: [name, value] }) => {
  try {
    if (name === "start") {
      run = await start(value);
      post("ready");
    } else {
      run(name, value);
      post("done");
    }
  } catch (error) {
    post("failed", String(error));
  }
};
