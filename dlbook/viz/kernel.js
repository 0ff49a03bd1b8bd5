dlbookViz.add("kernel", {
  compute: {
    places: (n, k, padding, stride, dilation) => Math.floor((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1,
    padded: (m, p) => Array.from({length: m.length + 2 * p}, (_, i) => Array.from({length: m[0].length + 2 * p}, (_, j) => m[i - p]?.[j - p] ?? 0)),
    // (C, H, V), (C, k, k) -> (H', V'): one output channel
    conv(x, W, padding, stride, dilation) {
      const k = W[0].length, wide = x.map((m) => this.padded(m, padding));
      const [P, Q] = [x[0].length, x[0][0].length].map((n) => this.places(n, k, padding, stride, dilation));
      return Array.from({length: P}, (_, p) => Array.from({length: Q}, (_, q) => W.reduce((t, w, c) =>
        t + w.reduce((u, row, i) => u + row.reduce((v, a, j) => v + a * wide[c][p * stride + i * dilation][q * stride + j * dilation], 0), 0), 0)));
    },
  },
  draw(root, {pictures, kernels}, viz) {
    const {h, s, number, slider, choice, controls, place, player} = viz, {places, padded} = this.compute, SIZE = 300, N = pictures[0].length;
    let W = [], C = 1, padding = 0, stride = 1, dilation = 1, at = [1, 3], filled = Infinity;
    const cell = (x, y, size, more) => s("rect", {x, y, width: size, height: size, stroke: "currentColor", "stroke-width": 0.5, ...more});
    const words = (x, y, text, more) => s("text", {x, y, "text-anchor": "middle", ...more}, text);
    const title = (text) => words(2, 14, text, {"text-anchor": "start", "font-weight": "bold"});
    const sheet = (label) => s("svg", {viewBox: `-2 0 ${SIZE + 4} ${SIZE + 26}`, role: "img", "aria-label": label});
    const ins = pictures.map((_, c) => sheet(`channel ${c + 1} of the picture, and the window`)), out = sheet("the output"), cells = s("g", {});
    const over = cell(0, 22, SIZE, {fill: "transparent", stroke: "none", tabindex: 0, role: "application", "data-drag": true, style: "touch-action:none;cursor:pointer",
      "aria-label": "the output: arrow keys choose a cell"});
    out.setAttribute("role", "group");
    out.style.maxWidth = "22rem";
    out.append(cells, over);
    const say = h("p", {class: "say", "aria-live": "polite"}), sum = h("p", {style: "font-variant-numeric:tabular-nums"}), size = h("p", {});
    const boxes = pictures.map((_, c) => [0, 1, 2].map((i) => [0, 1, 2].map((j) => h("input", {type: "number", step: "any", style: "width:3.6em;font:inherit;color:inherit;background:transparent;border:1px solid var(--orange);text-align:center",
      "aria-label": `weight of channel ${c + 1}, row ${i + 1}, column ${j + 1}`, oninput: (event) => { W[c][i][j] = +event.target.value || 0; renew(); }}))));
    const tables = boxes.map((rows, c) => h("div", {role: "group", "aria-label": `kernel, channel ${c + 1}`}, h("div", {}, c ? "channel 2" : "the kernel"), rows.map((row) => h("div", {}, row))));
    function preset(name) {
      W = kernels[name].map((m) => m.map((row) => [...row]));
      boxes.forEach((rows, c) => rows.forEach((row, i) => row.forEach((b, j) => { b.value = +W[c][i][j].toFixed(3); })));
    }
    function picture(svg, m, w, c) {
      const wide = padded(m, padding), S = SIZE / wide.length, top = Math.max(...pictures.flat(2)), inside = wide.map((row) => row.map(() => null));
      w.forEach((row, i) => row.forEach((a, j) => { inside[at[0] * stride + i * dilation][at[1] * stride + j * dilation] = a; }));
      svg.replaceChildren(title(C > 1 ? `the picture, channel ${c + 1}` : "the picture"), ...wide.flatMap((row, i) => row.flatMap((v, j) => {
        const [x, y, a] = [j * S, 22 + i * S, inside[i][j]], edge = i < padding || j < padding || i >= padding + N || j >= padding + N;
        return [cell(x, y, S, {fill: v ? "var(--blue)" : "none", "fill-opacity": 0.7 * v / top, "stroke-dasharray": edge ? "2 2" : "none", opacity: edge ? 0.6 : 1}),
          a === null ? null : cell(x + 1, y + 1, S - 2, {fill: "none", stroke: "var(--orange)", "stroke-width": 2.5}),
          words(x + S / 2, y + S / 2 + (a === null ? 4 : 0), number(v)),
          a === null ? null : words(x + S / 2, y + S / 2 + 12, `× ${number(a, 2)}`, {style: "font-size:9.5px"})].filter(Boolean);
      })));
    }
    const renew = () => {
      const x = pictures.slice(0, C), w = W.slice(0, C), z = this.compute.conv(x, w, padding, stride, dilation);
      at = at.map((v, k) => Math.min(v, [z.length, z[0].length][k] - 1));
      x.forEach((m, c) => picture(ins[c], m, w[c], c));
      const S = SIZE / Math.max(z.length, z[0].length), top = Math.max(1e-9, ...z.flat().map(Math.abs));
      cells.replaceChildren(title(`the output: ${z.length} by ${z[0].length}`), ...z.flatMap((row, p) => row.flatMap((v, q) => (p * row.length + q > filled ? [cell(q * S, 22 + p * S, S, {fill: "none", opacity: 0.4})] : [
        cell(q * S, 22 + p * S, S, {fill: v > 0 ? "var(--orange)" : "var(--purple)", "fill-opacity": 0.75 * Math.abs(v) / top}),
        words(q * S + S / 2, 26 + p * S + S / 2, number(v, 2))]))), cell(at[1] * S + 1, 23 + at[0] * S, S - 2, {fill: "none", stroke: "var(--red)", "stroke-width": 3}));
      const [p, q] = at, signed = (v) => (v < 0 ? `(${number(v, 2)})` : number(v, 2));
      sum.textContent = w.map((m, c) => { const wide = padded(x[c], padding);
        return (C > 1 ? `channel ${c + 1}: ` : "") + m.map((row, i) => row.map((a, j) => `${number(wide[p * stride + i * dilation][q * stride + j * dilation])}·${signed(a)}`).join(" + ")).join(" + "); }).join("; and ") + ` = ${number(z[p][q], 2)}`;
      say.textContent = `Output row ${p + 1}, column ${q + 1}: ${number(z[p][q], 2)}, the sum of ${9 * C} products.`;
      const reach = 2 * dilation + 1;
      size.textContent = `Size: ⌊(${N} + 2·${padding} − ${dilation}·(3 − 1) − 1) / ${stride}⌋ + 1 = ${places(N, 3, padding, stride, dilation)}. The kernel reaches over ${reach} of ${N + 2 * padding} pixels.`;
    };
    const choose = (p, q) => { slide.stop(); filled = Infinity; at = [Math.max(0, p), Math.max(0, q)]; renew(); };
    over.addEventListener("pointermove", (event) => { if (event.buttons || event.pointerType === "mouse") pick(event); });
    over.addEventListener("pointerdown", (event) => { over.setPointerCapture(event.pointerId); pick(event); });
    function pick(event) {
      const [x, y] = place(out, event), S = SIZE / places(N, 3, padding, stride, dilation), to = [Math.floor((y - 22) / S), Math.floor(x / S)];
      if (String(to) !== String(at) || filled < Infinity) choose(...to);
    }
    over.addEventListener("keydown", (event) => {
      const way = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
      if (way) { event.preventDefault(); choose(at[0] + way[0], at[1] + way[1]); }
    });
    const slide = player("Slide", () => {
      const n = places(N, 3, padding, stride, dilation);
      filled = filled === Infinity ? 0 : filled + 1;
      at = [Math.floor(filled / n), filled % n];
      const more = filled < n * n - 1;
      if (!more) filled = Infinity;
      renew();
      return more;
    }, 250);
    const set = (change) => (v) => { change(v); slide.stop(); filled = Infinity; renew(); };
    const names = Object.keys(kernels);
    preset(names[0]);
    const row = h("div", {class: "row"}), both = h("div", {style: "display:flex;flex-wrap:wrap;gap:.2rem 1rem"}), beside = h("div", {}, say, both, sum, size);
    const arrange = () => { row.replaceChildren(...ins.slice(0, C), out, beside); both.replaceChildren(...tables.slice(0, C)); };
    arrange();
    root.append(row,
      controls(choice("kernel", names, names[0], set(preset)), choice("channels", ["1", "2"], "1", set((v) => { C = +v; arrange(); })), slide,
        slider("padding", {min: 0, max: 2, step: 1, value: 0}, set((v) => { padding = v; })), slider("stride", {min: 1, max: 3, step: 1, value: 1}, set((v) => { stride = v; })),
        slider("dilation", {min: 1, max: 3, step: 1, value: 1}, set((v) => { dilation = v; }))));
    renew();
  },
});
