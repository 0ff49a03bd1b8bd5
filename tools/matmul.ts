// Products of matrices for the NumPy of the pages, which has no BLAS: the loops of its ufunc `matmul`.
// C = A B in tiles of 4 rows by two vectors; the columns of B that are in work lie packed in a buffer.
// Built by tools/python_for_pages.py with AssemblyScript into _vendor/python/matmul.wasm.

const DEEP: i32 = 1024; // of the inner dimension, at most so much is packed at a time

// @ts-ignore: decorator
@inline
function put<T>(to: usize, step: i32, count: i32, first: bool, low: v128, high: v128, scratch: usize): void {
  v128.store(scratch, low);
  v128.store(scratch, high, 16);
  for (let j = 0; j < count; j++, to += step) {
    let value = load<T>(scratch + j * sizeof<T>());
    store<T>(to, first ? value : load<T>(to) + value);
  }
}

function product<T>(
  a: usize, b: usize, c: usize, m: i32, n: i32, p: i32,
  am: i32, an: i32, bn: i32, bp: i32, cm: i32, cp: i32, buffer: usize,
): void {
  const wide = 32 / sizeof<T>() as i32;
  const panel = buffer + 32;
  if (n == 0) {
    for (let i = 0; i < m; i++) for (let j = 0; j < p; j++) store<T>(c + i * cm + j * cp, 0);
  }
  for (let k0 = 0; k0 < n; k0 += DEEP) {
    const deep = min(DEEP, n - k0);
    for (let j0 = 0; j0 < p; j0 += wide) {
      const count = min(wide, p - j0);
      // Pack: deep rows of `wide` numbers, zeros where B ends.
      let to = panel;
      let from = b + k0 * bn + j0 * bp;
      if (count == wide && bp == sizeof<T>()) {
        for (let k = 0; k < deep; k++, from += bn, to += 32) {
          v128.store(to, v128.load(from));
          v128.store(to, v128.load(from, 16), 16);
        }
      } else {
        for (let j = 0; j < wide; j++) {
          let at = panel + j * sizeof<T>();
          let source = from + j * bp;
          for (let k = 0; k < deep; k++, at += 32, source += bn) store<T>(at, j < count ? load<T>(source) : 0);
        }
      }
      let i = 0;
      for (; i + 4 <= m; i += 4) {
        let c0 = i64x2.splat(0), d0 = c0, c1 = c0, d1 = c0, c2 = c0, d2 = c0, c3 = c0, d3 = c0;
        let at = panel;
        let a0 = a + i * am + k0 * an, a1 = a0 + am, a2 = a1 + am, a3 = a2 + am;
        for (let k = 0; k < deep; k++, at += 32) {
          const low = v128.load(at), high = v128.load(at, 16);
          const x0 = v128.splat<T>(load<T>(a0)), x1 = v128.splat<T>(load<T>(a1));
          const x2 = v128.splat<T>(load<T>(a2)), x3 = v128.splat<T>(load<T>(a3));
          c0 = v128.add<T>(c0, v128.mul<T>(x0, low)); d0 = v128.add<T>(d0, v128.mul<T>(x0, high));
          c1 = v128.add<T>(c1, v128.mul<T>(x1, low)); d1 = v128.add<T>(d1, v128.mul<T>(x1, high));
          c2 = v128.add<T>(c2, v128.mul<T>(x2, low)); d2 = v128.add<T>(d2, v128.mul<T>(x2, high));
          c3 = v128.add<T>(c3, v128.mul<T>(x3, low)); d3 = v128.add<T>(d3, v128.mul<T>(x3, high));
          a0 += an; a1 += an; a2 += an; a3 += an;
        }
        const row = c + i * cm + j0 * cp;
        put<T>(row, cp, count, k0 == 0, c0, d0, buffer);
        put<T>(row + cm, cp, count, k0 == 0, c1, d1, buffer);
        put<T>(row + 2 * cm, cp, count, k0 == 0, c2, d2, buffer);
        put<T>(row + 3 * cm, cp, count, k0 == 0, c3, d3, buffer);
      }
      for (; i < m; i++) {
        let c0 = i64x2.splat(0), d0 = c0;
        let at = panel;
        let a0 = a + i * am + k0 * an;
        for (let k = 0; k < deep; k++, at += 32, a0 += an) {
          const x0 = v128.splat<T>(load<T>(a0));
          c0 = v128.add<T>(c0, v128.mul<T>(x0, v128.load(at)));
          d0 = v128.add<T>(d0, v128.mul<T>(x0, v128.load(at, 16)));
        }
        put<T>(c + i * cm + j0 * cp, cp, count, k0 == 0, c0, d0, buffer);
      }
    }
  }
}

// The signature of a ufunc's loop: pointers, sizes (outer, m, n, p), steps in bytes (outer ones first).
function loop<T>(args: usize, sizes: usize, steps: usize, buffer: usize): void {
  const m = load<i32>(sizes, 4), n = load<i32>(sizes, 8), p = load<i32>(sizes, 12);
  const am = load<i32>(steps, 12), an = load<i32>(steps, 16), bn = load<i32>(steps, 20);
  const bp = load<i32>(steps, 24), cm = load<i32>(steps, 28), cp = load<i32>(steps, 32);
  let a = load<usize>(args), b = load<usize>(args, 4), c = load<usize>(args, 8);
  for (let outer = load<i32>(sizes); outer > 0; outer--) {
    // Few columns: the transposed product packs the larger matrix once and is the same.
    if (p < 4 && p < m) product<T>(b, a, c, p, n, m, bp, bn, an, am, cp, cm, buffer);
    else product<T>(a, b, c, m, n, p, am, an, bn, bp, cm, cp, buffer);
    a += load<i32>(steps); b += load<i32>(steps, 4); c += load<i32>(steps, 8);
  }
}

let buffer: usize = 0;
export function use(memory: usize): void { buffer = memory; }
export function float(args: usize, sizes: usize, steps: usize, data: usize): void { loop<f32>(args, sizes, steps, buffer); }
export function double(args: usize, sizes: usize, steps: usize, data: usize): void { loop<f64>(args, sizes, steps, buffer); }
