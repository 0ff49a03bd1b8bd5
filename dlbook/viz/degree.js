dlbookViz.add("degree", {
  compute: {
    // The least-squares polynomials of degree 0, 1, ..., most through (x, y), evaluated at the points `at`:
    // polynomials that are orthogonal on x, each made of the two before it, so that no digit is lost.
    fits(x, y, most, at) {
      const dot = (p, q) => p.reduce((t, v, i) => t + v * q[i], 0);
      let [p, before] = [x.map(() => 1), x.map(() => 0)], [u, uBefore] = [at.map(() => 1), at.map(() => 0)], last = 1;
      let f = at.map(() => 0), rest = [...y];
      const all = [];
      for (let k = 0; k <= most; k++) {
        const size = dot(p, p), c = dot(p, rest) / size;
        f = f.map((v, i) => v + c * u[i]);
        rest = rest.map((v, i) => v - c * p[i]);
        all.push(f);
        const a = dot(p.map((v, i) => v * x[i]), p) / size, b = k ? size / last : 0;
        const next = (q, before, points) => q.map((v, i) => (points[i] - a) * v - b * before[i]);
        [p, before, u, uBefore, last] = [next(p, before, x), p, next(u, uBefore, at), u, size];
      }
      return all;
    },
    mean(rows) { return rows[0].map((_, i) => rows.reduce((t, r) => t + r[i], 0) / rows.length); },
    // fits: (sets, points). The mean squares, over the points, of what the mean fit misses and of how the fits scatter.
    parts(fits, truth) {
      const mean = this.mean(fits), over = (f) => mean.reduce((t, m, i) => t + f(m, i), 0) / mean.length;
      return [over((m, i) => (m - truth[i]) ** 2), over((m, i) => fits.reduce((t, r) => t + (r[i] - m) ** 2, 0) / fits.length)];
    },
  },
  draw(root, {points, noise}, viz) {
    const {h, s, number, fine, slider, button, controls, plot, handle, player, random} = viz, compute = this.compute;
    const MOST = 9, SETS = 200, grid = Array.from({length: 81}, (_, i) => i / 80), truth = (x) => Math.sin(2 * Math.PI * x);
    const inside = grid.map((_, i) => i).filter((i) => i >= 4 && i <= 76);  // from 0.05 to 0.95
    let n = points, sigma = noise, degree = 3, count = 60, seed = 1, probe = 20, sets, curves;
    const left = plot({width: 320, height: 270, left: 40, x: [0, 1], y: [-2.2, 2.2], xlabel: "x", ylabel: "y", label: "fits to many training sets, their mean, and the truth"});
    const right = plot({width: 320, height: 270, left: 52, right: 62, x: [-0.3, MOST + 0.3], y: [1e-4, 10], logy: true, xlabel: "degree of the polynomial", ylabel: "mean square"});
    const parts = [["bias²", "var(--orange)"], ["variance", "var(--purple)"], ["noise", "var(--sky)"], ["sum", "currentColor"]];
    const say = h("p", {class: "say", "aria-live": "polite"});
    const names = s("g", {});
    right.svg.append(names);
    const grip = handle(left, "the place x to look at", 1 / 80, () => [grid[probe], -1.95], (x) => {
      probe = Math.max(0, Math.min(80, Math.round(x * 80)));
      renew();
    });
    left.svg.append(grip, ...[["the truth", "currentColor"], ["mean of the fits", "var(--blue)"], ["fits", "var(--purple)"], ["the last set", "var(--red)"]]
      .map(([name, fill], k) => s("text", {x: 306, y: 24 + 14 * k, "text-anchor": "end", style: `font-weight: bold; fill: ${fill}`}, name)));
    function draw() {
      const r = random(seed);
      sets = Array.from({length: SETS}, () => {
        const x = Array.from({length: n}, (_, i) => (i + r.uniform()) / n);
        return [x, x.map((v) => truth(v) + sigma * r.normal())];
      });
      curves = sets.map(([x, y]) => compute.fits(x, y, MOST, grid));
      renew();
    }
    function renew() {
      const fits = curves.slice(0, count).map((c) => c[degree]), mean = compute.mean(fits), here = fits.map((f) => f[probe]), x = grid[probe];
      const m = mean[probe], spread = Math.sqrt(here.reduce((t, v) => t + (v - m) ** 2, 0) / count), half = (_, i) => i % 2 === 0;
      const curve = (values, look) => left.line(values.map((v, i) => [grid[i], Math.max(-99, Math.min(99, v))]), look);
      const thin = fits.slice(-40).map((f) => left.path(f.map((v, i) => [grid[i], Math.max(-99, Math.min(99, v))]).filter(half))).join("");
      const [xs, ys] = sets[count - 1];
      left.g.replaceChildren(
        s("path", {d: thin, fill: "none", stroke: "var(--purple)", opacity: 0.35}),
        curve(grid.map(truth), {stroke: "currentColor", "stroke-dasharray": "5 4", "stroke-width": 1.5}),
        curve(mean, {stroke: "var(--blue)", "stroke-width": 3}),
        ...xs.map((v, i) => left.dot(v, ys[i], {r: 3, fill: "none", stroke: "var(--red)", "stroke-width": 1.5})),
        left.line([[x, -9], [x, 9]], {stroke: "var(--red)", "stroke-width": 1}),
        left.line([[x, m - spread], [x, m + spread]], {stroke: "var(--purple)", "stroke-width": 9, opacity: 0.6}),
        left.line([[x, truth(x)], [x, m]], {stroke: "var(--orange)", "stroke-width": 4}),
        left.dot(x, truth(x), {r: 4, fill: "none", stroke: "currentColor", "stroke-width": 2}), left.dot(x, m, {fill: "var(--blue)"}));
      const rows = Array.from({length: MOST + 1}, (_, k) => {
        const [b, v] = compute.parts(curves.slice(0, count).map((c) => inside.map((i) => c[k][i])), inside.map((i) => truth(grid[i])));
        return [b, v, sigma ** 2, b + v + sigma ** 2];
      });
      const low = (v) => Math.max(v, 1e-9);
      right.g.replaceChildren(right.line([[degree, 1e-9], [degree, 1e9]], {stroke: "var(--blue)", opacity: 0.3, "stroke-width": 8}));
      parts.forEach(([, stroke], j) => right.g.append(right.line(rows.map((r, k) => [k, low(r[j])]), {stroke, "stroke-width": j === 3 ? 3 : 2, "stroke-dasharray": j === 2 ? "4 4" : "none"}),
        ...(j === 2 ? [] : rows.map((r, k) => right.dot(k, low(r[j]), {r: k === degree ? 5 : 2.5, fill: stroke})))));
      const ends = parts.map(([name], j) => [right.Y(Math.max(1e-4, Math.min(10, rows[MOST][j]))), name, j]).sort(([a], [b]) => a - b);
      let under = 0;  // one under another, the last still in the picture
      names.replaceChildren(...ends.map(([y, name, j], k) => {
        under = Math.max(Math.min(y + 4, right.height - 4 - 12 * (ends.length - 1 - k)), under + 12);
        return s("text", {x: right.width - 58, y: under, style: `font-weight: bold; fill: ${parts[j][1]}`}, name);
      }));
      const [b, v, , sum] = rows[degree], best = rows.reduce((a, r, k) => (r[3] < rows[a][3] ? k : a), 0);
      say.textContent = `Degree ${degree}, ${count} training set${count > 1 ? "s" : ""} of ${n} points: bias² ${fine(b)} + variance ${fine(v)} + noise ${fine(sigma ** 2)} = ${fine(sum)}; ` +
        `lowest at degree ${best}. At x = ${number(x, 2)} the truth is ${number(truth(x), 2)}, the mean fit ${number(m, 2)}, the fits scatter by ±${number(spread, 2)}.`;
      grip.renew();
    }
    const many = slider("training sets", {min: 1, max: SETS, step: 1, value: count}, (v) => { run.stop(); count = v; renew(); });
    const run = player("One by one", () => { count++; many.set(count); renew(); return count < SETS; }, 150, () => { count = 0; });
    root.append(h("div", {class: "row"}, left.svg, right.svg), say,
      controls(slider("degree", {min: 0, max: MOST, step: 1, value: degree}, (v) => { degree = v; renew(); }), many, run, button("Other sets", () => { seed++; draw(); })),
      controls(slider("points in a set", {min: 12, max: 100, step: 1, value: n}, (v) => { n = v; draw(); }), slider("noise", {min: 0, max: 0.6, step: 0.05, value: sigma}, (v) => { sigma = v; draw(); })));
    draw();
  },
});
