dlbookViz.add("reads_digits", {
  compute: {
    // Whole numbers of one byte, times a scale: an array of any shape.
    unpack({shape, scale, bytes}) {
      const flat = Array.from(Int8Array.from(atob(bytes), (c) => c.charCodeAt(0)), (v) => v * scale);
      let from = 0;
      const fold = ([n, ...rest]) => Array.from({length: n}, () => (rest.length ? fold(rest) : flat[from++]));
      return fold(shape);
    },
    // (C, H, V), (O, C, k, k), (O) -> (O, H - k + 1, V - k + 1)
    conv(x, W, b) {
      const k = W[0][0].length, H = x[0].length - k + 1, V = x[0][0].length - k + 1;
      return W.map((kernel, o) => Array.from({length: H}, (_, p) => Array.from({length: V}, (_, q) => {
        let z = b[o];
        for (let c = 0; c < x.length; c++) for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) z += kernel[c][i][j] * x[c][p + i][q + j];
        return z;
      })));
    },
    pool: (x) => x.map((m) => m.filter((_, p) => 2 * p + 1 < m.length).map((_, p) => m[p].filter((_, q) => 2 * q + 1 < m[p].length)
      .map((_, q) => Math.max(m[2 * p][2 * q], m[2 * p][2 * q + 1], m[2 * p + 1][2 * q], m[2 * p + 1][2 * q + 1])))),
    // Of a picture (28, 28): the maps of both convolutions, and ten probabilities.
    read(picture, [W1, b1, W2, b2, W3, b3]) {
      const relu = (x) => x.map((m) => m.map((row) => row.map((v) => Math.max(v, 0))));
      const first = relu(this.conv([picture], W1, b1)), second = relu(this.conv(this.pool(first), W2, b2));
      const flat = this.pool(second).flat(2), z = W3.map((w, k) => b3[k] + w.reduce((t, v, j) => t + v * flat[j], 0));
      const m = Math.max(...z), e = z.map((v) => Math.exp(v - m)), total = e.reduce((a, c) => a + c, 0);
      return [first, second, e.map((v) => v / total)];
    },
    probabilities(picture, weights) { return this.read(picture, weights)[2]; },
    // As MNIST was made: the longer side 20 pixels, the centre of mass in the middle.
    centred(x) {
      let mass = 0, r = 0, c = 0, box = [28, -1, 28, -1];
      x.forEach((row, i) => row.forEach((v, j) => {
        mass += v; r += v * i; c += v * j;
        if (v > 0.1) box = [Math.min(box[0], i), Math.max(box[1], i), Math.min(box[2], j), Math.max(box[3], j)];
      }));
      if (box[1] < 0) return x;
      const s = Math.max(box[1] - box[0], box[3] - box[2], 7) + 1, step = s / 20;
      r /= mass; c /= mass;
      const top = r + Math.floor(14.5 - r), left = c + Math.floor(14.5 - c);  // at step 1 nothing blurs
      const at = (i, j) => x[i]?.[j] ?? 0;
      return x.map((row, i) => row.map((_, j) => {
        const u = r + (i - top) * step, v = c + (j - left) * step, a = Math.floor(u + 1e-9), e = Math.floor(v + 1e-9), f = u - a, g = v - e;
        return (1 - f) * ((1 - g) * at(a, e) + g * at(a, e + 1)) + f * ((1 - g) * at(a + 1, e) + g * at(a + 1, e + 1));
      }));
    },
  },
  draw(root, {arrays, examples, labels, right: read, of}, viz) {
    const {h, s, button, choice, controls, place} = viz, N = 28, P = 10;
    const weights = arrays.map((a) => this.compute.unpack(a));
    let ink, label, pen = null, down = false, rub = false, at = [14, 14], waiting = false;
    const empty = () => Array.from({length: N}, () => Array(N).fill(0));
    const example = (k) => { const b = atob(examples[k]); label = labels[k]; ink = empty().map((row, i) => row.map((_, j) => {
      const byte = b.charCodeAt((i * N + j) >> 1); return (j % 2 ? byte & 15 : byte >> 4) / 15; })); };
    // Pictures beside each other, white where they are strong: a mask, as the colour is the page's.
    const canvas = document.createElement("canvas"), pencil = canvas.getContext("2d");
    function raster(maps, columns) {
      const n = maps[0].length, rows = Math.ceil(maps.length / columns), top = Math.max(1e-9, ...maps.flat(2));
      [canvas.width, canvas.height] = [columns * (n + 1), rows * (n + 1)];
      maps.forEach((m, k) => m.forEach((row, i) => row.forEach((v, j) => {
        pencil.fillStyle = `rgba(255,255,255,${v / top})`;
        pencil.fillRect((k % columns) * (n + 1) + j, Math.floor(k / columns) * (n + 1) + i, 1, 1);
      })));
      return canvas.toDataURL();
    }
    function sheet(id, x, y, n, columns, size, maps, fill) {
      const step = (n + 1) * size, box = {x, y, width: columns * step, height: Math.ceil(maps / columns) * step}, mask = `${root.id}-${id}`;
      const image = s("image", {...box, preserveAspectRatio: "none", style: "image-rendering:pixelated"});
      const g = s("g", {}, s("defs", {}, s("mask", {id: mask}, image)), s("rect", {...box, fill, mask: `url(#${mask})`}),
        Array.from({length: maps}, (_, k) => cell(x + (k % columns) * step, y + Math.floor(k / columns) * step, n * size, frame)));
      g.show = (maps) => image.setAttribute("href", raster(maps, columns));
      return g;
    }
    const cell = (x, y, size, more) => s("rect", {x, y, width: size, height: size, ...more}), frame = {fill: "none", stroke: "currentColor", opacity: 0.35};
    const words = (x, y, text, more) => s("text", {x, y, ...more}, text), bold = {"font-weight": "bold"};
    const paper = sheet("ink", 0, 22, N, 1, P, 1, "currentColor"), given = sheet("given", 236, 306, N, 1, 1.5, 1, "currentColor");
    const mark = cell(0, 0, P, {stroke: "var(--orange)", "stroke-width": 2});
    const board = cell(0, 22, 280, {fill: "transparent", tabindex: 0, role: "application", "data-drag": true, style: "touch-action:none;cursor:crosshair",
      "aria-label": "paper, 28 by 28 pixels: arrow keys move the pen, space puts it down or lifts it"});
    const left = s("svg", {viewBox: "-2 0 284 358", role: "group", "aria-label": "what is drawn"}, words(0, 14, "draw a digit", bold), paper, mark, board, given,
      words(0, 320, "mouse, finger, or arrows and space (pen)"), words(0, 340, "scaled and centred, it is given this:"));
    const bars = s("g", {}), first = sheet("first", 2, 190, 24, 6, 1.9, 6, "var(--blue)"), second = sheet("second", 2, 260, 8, 6, 5.3, 12, "var(--blue)");
    const plus = sheet("plus", 2, 142, 5, 6, 7.9, 6, "var(--orange)"), minus = sheet("minus", 2, 142, 5, 6, 7.9, 6, "var(--purple)");
    for (const [part, sign] of [[plus, 1], [minus, -1]]) part.show(weights[0].map(([w]) => w.map((row) => row.map((v) => Math.max(0, sign * v)))));
    const right = s("svg", {viewBox: "-2 0 294 358", role: "img"}, words(0, 14, "what it reads", bold), bars,
      words(0, 136, "first convolution: 6 kernels and their maps", bold), plus, minus, first, words(0, 254, "second convolution: 12 maps", bold), second);
    const say = h("p", {class: "say", "aria-live": "polite"});
    const renew = () => {
      waiting = false;
      const x = this.compute.centred(ink), [a, b, p] = this.compute.read(x, weights), percent = (v) => (v < 0.005 ? "under 1 %" : `${Math.round(100 * v)} %`);
      paper.show([ink]); given.show([x]); first.show(a); second.show(b);
      for (const [key, v] of [["x", at[1] * P], ["y", 22 + at[0] * P], ["fill", down ? "var(--orange)" : "none"]]) mark.setAttribute(key, v);
      const order = p.map((_, k) => k).sort((a, b) => p[b] - p[a]), [best, next] = order;
      bars.replaceChildren(...p.flatMap((v, k) => [
        s("rect", {x: 4 + 28.5 * k, y: 98 - 66 * v, width: 22, height: 66 * v + 1, fill: k === best ? "var(--blue)" : "var(--sky)"}),
        v > 0.005 ? words(15 + 28.5 * k, 94 - 66 * v, percent(v), {"text-anchor": "middle"}) : null,
        words(15 + 28.5 * k, 114, k, {"text-anchor": "middle", style: `font-size:14px;font-weight:${k === best ? "bold" : "normal"}`})]).filter(Boolean));
      const told = `${best} (${percent(p[best])}), then ${next} (${percent(p[next])}).`;
      right.setAttribute("aria-label", `It reads ${told}`);
      say.textContent = ink.flat().some(Boolean) ? `It reads ${told}${(label ?? best) === best ? "" : ` Its label is ${label}.`}` : `Nothing is drawn, and it says ${told} It cannot say “none”.`;
    };
    const later = () => { if (!waiting) { waiting = true; requestAnimationFrame(renew); } };
    function stroke([a, b], [c, d]) {  // the pen is a soft disc
      label = null;
      const long = (c - a) ** 2 + (d - b) ** 2;
      ink.forEach((row, i) => row.forEach((v, j) => {
        const t = long ? Math.min(1, Math.max(0, ((i - a) * (c - a) + (j - b) * (d - b)) / long)) : 0;
        const full = Math.min(1, Math.max(0, 1.7 - Math.hypot(i - a - t * (c - a), j - b - t * (d - b))));
        row[j] = rub ? Math.min(v, 1 - full) : Math.max(v, full);
      }));
    }
    const where = (event) => { const [x, y] = place(left, event); return [(y - 22) / P - 0.5, x / P - 0.5]; };
    board.addEventListener("pointerdown", (event) => { board.setPointerCapture(event.pointerId); event.preventDefault(); board.focus({focusVisible: false}); pen = where(event); stroke(pen, pen); later(); });
    board.addEventListener("pointermove", (event) => { if (!pen) return; const to = where(event); stroke(pen, to); pen = to; later(); });
    for (const end of ["pointerup", "pointercancel"]) board.addEventListener(end, () => { pen = null; });
    board.addEventListener("keydown", (event) => {
      const way = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
      if (!way && event.key !== " ") return;
      event.preventDefault();
      const from = at;
      if (way) at = at.map((v, k) => Math.min(N - 1, Math.max(0, v + way[k]))); else down = !down;
      if (down) stroke(from, at);
      renew();
    });
    const pens = choice("pen", ["draws", "rubs out"], "draws", (v) => { rub = v !== "draws"; });
    example(3);
    root.append(h("div", {class: "row"}, left, right), say,
      controls(button("Clear", () => { ink = empty(); down = rub = false; pens.lastChild.value = "draws"; renew(); }), pens,
        h("span", {}, "start from"), ...labels.map((l, k) => button(k < 10 ? String(l) : `a ${l} it misreads`, () => { example(k); renew(); }))),
      h("p", {}, `Of ${of} test digits, on which it was not trained, it reads ${read} rightly.`));
    renew();
  },
});
