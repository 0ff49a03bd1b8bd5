dlbookViz.add("diffusion", {
  compute: {
    // Noise u, from 0 to 1, leaves cos(pi u / 2) of the signal: x = cos x0 + sin eps. The best guess at x0, if x0 is
    // one of the points, each as likely as the others: their mean, weighted by how well they explain x.
    guess(x, u, points) {
      const c = Math.cos((Math.PI * u) / 2), s2 = Math.sin((Math.PI * u) / 2) ** 2;
      const far = points.map((p) => (x - c * p) ** 2 / (2 * s2)), least = Math.min(...far);
      const w = far.map((d) => Math.exp(least - d)), sum = w.reduce((a, b) => a + b);
      return points.reduce((t, p, k) => t + p * w[k], 0) / sum;
    },
    // From u = 1 to 0: guess x0 and the noise, and mix them again with less noise; a share `fresh` of it is new.
    // Returns rows [u, x, guess]; `news` are normal numbers, one a step.
    walk(x, steps, points, fresh, news) {
      const rows = [];
      for (let k = steps; k > 0; k--) {
        const u = k / steps, v = (k - 1) / steps, a = Math.cos((Math.PI * u) / 2) ** 2, b = Math.cos((Math.PI * v) / 2) ** 2;
        const x0 = this.guess(x, u, points), eps = (x - Math.sqrt(a) * x0) / Math.sqrt(1 - a);
        const sd = fresh * Math.sqrt(((1 - b) / (1 - a)) * (1 - a / b));
        rows.push([u, x, x0]);
        x = Math.sqrt(b) * x0 + Math.sqrt(Math.max(0, 1 - b - sd ** 2)) * eps + sd * news[k - 1];
      }
      return [...rows, [0, x, x]];
    },
    // How likely x is under noise u, the highest of a column of `at` as 1.
    density(at, u, points) {
      const c = Math.cos((Math.PI * u) / 2), s = Math.max(0.06, Math.sin((Math.PI * u) / 2));
      const p = at.map((x) => points.reduce((t, q) => t + Math.exp(-((x - c * q) ** 2) / (2 * s * s)), 0)), most = Math.max(...p);
      return p.map((v) => v / most);
    },
  },
  draw(root, {points: given, steps: first}, viz) {
    const {h, s, number, slider, button, controls, plot, handle, heat, random} = viz, compute = this.compute;
    const HIGH = 2.6, MANY = 300, MOST = 50, N = 64, points = [...given];
    let steps = first, fresh = 0, start = 0.9, seed = 1, starts, news;
    const p = plot({width: 360, height: 290, left: 44, right: 92, x: [1, 0], y: [-HIGH, HIGH], xlabel: "noise u, taken away from left to right", ylabel: "x",
      label: "walks from noise to data, and how many end where"});
    const ground = s("image", {x: p.X(1), y: p.Y(HIGH), width: p.X(0) - p.X(1), height: p.Y(-HIGH) - p.Y(HIGH), preserveAspectRatio: "none"});
    const drawn = s("g", {}), bars = s("g", {}), say = h("p", {class: "say", "aria-live": "polite"});
    p.g.append(ground, drawn);
    p.svg.append(bars, ...[["walks", "currentColor"], ["yours", "var(--red)"], ["its guess at x0", "var(--purple)"], ["data", "var(--blue)"]]
      .map(([name, fill], k) => s("text", {x: 50, y: 204 + 13 * k, style: `font-weight: bold; fill: ${fill}`}, name)));
    const within = (v, most) => Math.max(-most, Math.min(most, v));
    const upright = (u, get, set) => (a, b) => {  // up and down; with the keys to the right and left too
      set(Math.round(within(b === get() ? b + a - u : b, 2.5) * 100) / 100);
      renew();
    };
    const grips = [
      handle(p, "your noise", 0.01, () => [1, start], upright(1, () => start, (v) => { start = v; })),
      ...points.map((_, k) => handle(p, `data point ${k + 1}`, 0.1, () => [0, points[k]], upright(0, () => points[k], (v) => { points[k] = v; }))),
    ];
    grips.slice(1).forEach((grip) => { grip.style.fill = "var(--blue)"; });
    p.svg.append(...grips);
    const normals = (r, n) => Array.from({length: n}, () => r.normal());
    function draw() {
      const r = random(seed);
      starts = normals(r, MANY);
      news = Array.from({length: MANY + 1}, () => normals(r, MOST));
      renew();
    }
    function renew() {
      const at = Array.from({length: N}, (_, i) => HIGH - ((i + 0.5) * 2 * HIGH) / N);
      const columns = Array.from({length: N}, (_, j) => compute.density(at, 1 - (j + 0.5) / N, points));
      ground.setAttribute("href", heat(root, at.flatMap((_, i) => columns.map((c) => -0.75 * c[i])), N));
      const walks = starts.map((x, k) => compute.walk(x, steps, points, fresh, news[k])), yours = compute.walk(start, steps, points, fresh, news[MANY]);
      const line = (rows, column, look) => p.line(rows.map((r) => [r[0], within(r[column], 9)]), look);
      drawn.replaceChildren(...walks.slice(0, 30).map((w) => line(w, 1, {stroke: "currentColor", "stroke-width": 1, opacity: 0.3})),
        line(yours, 2, {stroke: "var(--purple)", "stroke-dasharray": "5 3"}), line(yours, 1, {stroke: "var(--red)", "stroke-width": 3}),
        ...yours.map(([u, x]) => p.dot(u, x, {r: 2.5, fill: "var(--red)"})));
      const ends = walks.map((w) => w[steps][1]), bins = Array(52).fill(0);
      ends.forEach((x) => { bins[Math.floor(((within(x, HIGH - 1e-9) + HIGH) / (2 * HIGH)) * bins.length)]++; });
      const most = Math.max(...bins), thick = (p.Y(-HIGH) - p.Y(HIGH)) / bins.length;
      bars.replaceChildren(...bins.map((n, i) => n && s("rect", {x: p.X(0) + 12, y: p.Y(HIGH) + (bins.length - 1 - i) * thick, height: thick - 0.5, width: (50 * n) / most, fill: "var(--orange)"})).filter(Boolean),
        ...bins.map((n, i) => (n >= 15 ? s("text", {x: p.X(0) + 15 + (50 * n) / most, y: p.Y(HIGH) + (bins.length - i) * thick}, n) : null)).filter(Boolean));
      const near = points.map((q) => ends.filter((x) => Math.abs(x - q) < 0.1).length), end = yours[steps][1];
      const elsewhere = ends.filter((x) => points.every((q) => Math.abs(x - q) >= 0.1)).length;
      say.textContent = `${steps} step${steps > 1 ? "s" : ""}: your noise ${number(start, 2)} becomes ${number(end, 2)}; the first guess was ${number(yours[0][2], 2)}, the mean of the data. ` +
        `Of ${MANY} walks ${near.join(", ")} end at ${points.map((q) => number(q, 2)).join(", ")}, and ${elsewhere} where no data are.`;
      grips.forEach((grip) => grip.renew());
    }
    p.svg.style.maxWidth = "36rem";
    p.svg.append(s("text", {x: p.X(0) + 12, y: p.Y(HIGH) + 4, style: "font-weight: bold; fill: var(--orange)"}, "ends"));
    root.append(p.svg, say, controls(
      slider("steps", {min: 1, max: MOST, step: 1, value: steps}, (v) => { steps = v; renew(); }),
      slider("fresh noise", {min: 0, max: 1, step: 0.1, value: fresh}, (v) => { fresh = v; renew(); }),
      button("Other noise", () => { seed++; draw(); })));
    draw();
  },
});
