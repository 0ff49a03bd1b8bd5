dlbookViz.add("bits", {
  compute: {
    // The weights rounded to 2 ** bits - 1 levels, evenly spaced from -range to range.
    rounded(w, bits, range) {
      const top = 2 ** (bits - 1) - 1, s = range / top;
      return w.map((v) => s * Math.max(-top, Math.min(top, Math.round(v / s))));
    },
    // What rounding costs inside the range, and clipping outside: shares of the weights' sum of squares.
    parts(w, bits, range) {
      const sums = [0, 0], all = w.reduce((t, v) => t + v * v, 0);
      this.rounded(w, bits, range).forEach((q, i) => { sums[Math.abs(w[i]) > range ? 1 : 0] += (w[i] - q) ** 2; });
      return sums.map((t) => t / all);
    },
  },
  draw(root, {weights, called}, viz) {
    const {h, s, number, slider, button, choice, controls, plot, handle, random} = viz, compute = this.compute;
    const BARS = 61, EDGE = 1.06, STEP = 0.02, r = random(1), flat = () => 2 * r.uniform() - 1;
    const draw = (one) => Array.from({length: 2000}, one), size = Math.abs, sum = ([a, b]) => a + b;
    const sets = {[called]: weights, "a bell": draw(() => r.normal()), "long tails": draw(() => Math.log(1 - r.uniform()) * Math.sign(flat())), "all sizes alike": draw(flat)};
    let set = called, bits = 3, far = 1, range = 0.8, w;
    const left = plot({width: 320, height: 270, left: 48, x: [-EDGE, EDGE], y: [0, 1], ylabel: "weights, of the fullest bar", xlabel: "weight, as a share of the largest", label: "histogram of the weights, and the levels that they are rounded to"});
    const right = plot({width: 320, height: 270, left: 66, x: [0, EDGE], y: [1e-5, 1], logy: true, xlabel: "range, as a share of the largest weight", ylabel: "error, share of the squares", label: "error of rounding, of clipping and of both over the range"});
    const say = h("p", {class: "say", "aria-live": "polite"});
    const grip = handle(left, "the range", STEP, () => [range, 0.05], (x) => { range = Math.max(STEP, Math.min(1, size(x))); renew(); });
    left.svg.append(grip);
    [["both", "blue"], ["rounding", "purple"], ["clipping", "orange"]].forEach(([text, colour], k) =>
      right.svg.append(s("text", {x: 130, y: 196 + 13 * k, style: `font-weight: bold; fill: var(--${colour})`}, text)));

    function take() {  // the largest weight `far` times as large, then all as shares of it
      const raw = sets[set], k = raw.reduce((best, v, i) => (size(v) > size(raw[best]) ? i : best), 0), largest = far * size(raw[k]);
      w = raw.map((v, i) => ((i === k ? far : 1) * v) / largest);
      renew();
    }
    function renew() {
      const top = 2 ** (bits - 1) - 1, gap = range / top, counts = Array(BARS).fill(0), wide = (2 * EDGE) / BARS;
      for (const v of w) counts[Math.floor((v + EDGE) / wide)]++;
      const most = Math.max(...counts);
      left.g.replaceChildren(...counts.map((n, k) => {
        const a = -EDGE + k * wide, y = left.Y(n && Math.max(0.01, (n) / most));
        return s("rect", {x: left.X(a), width: left.X(a + wide) - left.X(a) - 0.5, y, height: left.Y(0) - y, fill: size(a + wide / 2) > range ? "var(--orange)" : "var(--sky)", opacity: 0.75});
      }), ...Array.from({length: 2 * top + 1}, (_, k) => left.line([[(k - top) * gap, 0], [(k - top) * gap, 1]], {stroke: "currentColor", "stroke-width": bits > 4 ? 0.5 : 1.2})));
      const points = Array.from({length: 50}, (_, k) => (k + 1) / 50), costs = points.map((g) => compute.parts(w, bits, g));
      const curve = (value, stroke, width) => right.line(costs.map((c, k) => [points[k], Math.max(1e-9, value(c))]), {stroke: `var(--${stroke})`, "stroke-width": width});
      const now = compute.parts(w, bits, range), full = sum(compute.parts(w, bits, 1));
      right.g.replaceChildren(curve(([, c]) => c, "orange", 2), curve(([c]) => c, "purple", 2), curve(sum, "blue", 3),
        right.line([[range, 1e-9], [range, 9]], {stroke: "var(--red)", "stroke-width": 1}), right.dot(range, Math.max(1e-9, sum(now)), {r: 5, fill: "var(--red)"}));
      const percent = (share) => `${number(100 * share, 100 * share < 1 ? 3 : 1)} %`;
      say.textContent = `${bits} bits: ${2 * top + 1} levels, ${number(gap)} apart. Rounding costs ${percent(now[0])} of the weights' squares, ` +
        `clipping ${percent(now[1])} (${percent(w.filter((v) => size(v) > range).length / w.length)} of the weights): together ${percent(sum(now))}. ` +
        (range === 1 ? "The range reaches the largest weight." : `A range to the largest weight costs ${percent(full)}.`);
      grip.renew();
    }
    root.append(h("div", {class: "row"}, left.svg, right.svg), say, controls(
      slider("bits", {min: 2, max: 6, step: 1, value: bits}, (v) => { bits = v; renew(); }),
      button("Range to the largest", () => { range = 1; renew(); }),
      choice("weights", Object.keys(sets), set, (v) => { set = v; take(); }),
      slider("largest weight ×", {min: 1, max: 4, step: 0.5, value: far}, (v) => { far = v; take(); })));
    take();
  },
});
