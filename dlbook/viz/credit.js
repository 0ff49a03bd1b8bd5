dlbookViz.add("credit", {
  // Each f(u, v) with its gradient.
  shapes: {
    "either is enough": (u, v) => (u + v < 1 ? [u + v, 1, 1] : [1, 0, 0]),
    "the smaller counts": (u, v) => (u < v ? [u, 1, 0] : [v, 0, 1]),
    "the product": (u, v) => [u * v, v, u],
    "a sum": (u, v) => [0.7 * u + 0.3 * v, 0.7, 0.3],
  },
  compute: {
    value: (shape, [u, v]) => dlbookViz.figures.credit.shapes[shape](u, v)[0],
    gradient: (shape, [u, v]) => dlbookViz.figures.credit.shapes[shape](u, v).slice(1),
    // What each way of giving credit says of x, measured from x0: two numbers each.
    taylor(shape, x, x0) {
      return this.gradient(shape, x).map((g, k) => g * (x[k] - x0[k]));
    },
    integrated(shape, x, x0, steps) {
      const sums = [0, 0];
      for (let j = 0; j < steps; j++) {
        const t = (j + 0.5) / steps, g = this.gradient(shape, x.map((a, k) => x0[k] + t * (a - x0[k])));
        g.forEach((a, k) => { sums[k] += a / steps; });
      }
      return sums.map((a, k) => a * (x[k] - x0[k]));
    },
    occlusion(shape, x, x0) {
      const f = this.value(shape, x);
      return [f - this.value(shape, [x0[0], x[1]]), f - this.value(shape, [x[0], x0[1]])];
    },
    shapley(shape, x, x0) {
      const v = (...p) => this.value(shape, p), [all, none, first, second] = [v(...x), v(...x0), v(x[0], x0[1]), v(x0[0], x[1])];
      return [(first - none + all - second) / 2, (second - none + all - first) / 2];
    },
  },
  draw(root, {start, baseline}, viz) {
    const {h, s, number, slider, choice, controls, plot, handle, heat} = viz, {compute} = this, names = Object.keys(this.shapes), LIMITS = [-0.25, 1.75], N = 64;
    let shape = names[0], x = [...start], x0 = [...baseline], steps = 90;
    const clip = (a) => Math.round(100 * Math.max(LIMITS[0], Math.min(LIMITS[1], a))) / 100;
    const p = plot({x: LIMITS, y: LIMITS, width: 300, height: 290, xlabel: "x₁", ylabel: "x₂", label: ""});
    const bars = s("svg", {viewBox: "0 0 320 290", role: "img"}), say = h("p", {class: "say", "aria-live": "polite"});
    const points = [
      handle(p, "the baseline", 0.05, () => x0, (a, b) => { x0 = [clip(a), clip(b)]; renew(); }),
      handle(p, "the input", 0.05, () => x, (a, b) => { x = [clip(a), clip(b)]; renew(); }),
    ];
    points[0].style.fill = "var(--sky)";
    p.svg.append(...points);
    function ground() {
      const values = [];
      for (let j = 0; j < N; j++) for (let i = 0; i < N; i++) {
        const at = [LIMITS[0] + ((i + 0.5) / N) * 2, LIMITS[1] - ((j + 0.5) / N) * 2];
        values.push(compute.value(shape, at) / 1.6);
      }
      const [left, top, right, bottom] = [p.X(LIMITS[0]), p.Y(LIMITS[1]), p.X(LIMITS[1]), p.Y(LIMITS[0])];
      return s("image", {x: left, y: top, width: right - left, height: bottom - top, preserveAspectRatio: "none", href: heat(root, values, N)});
    }
    let picture = ground();
    function renew() {
      const rise = compute.value(shape, x) - compute.value(shape, x0);
      const rows = [
        ["gradient", compute.gradient(shape, x), false],
        ["gradient × (input − baseline)", compute.taylor(shape, x, x0), true],
        [`integrated gradients, ${steps} ${steps > 1 ? "steps" : "step"}`, compute.integrated(shape, x, x0, steps), true],
        ["occlusion", compute.occlusion(shape, x, x0), true],
        ["Shapley values", compute.shapley(shape, x, x0), true],
      ];
      const walk = Array.from({length: steps}, (_, j) => x.map((a, k) => x0[k] + ((j + 0.5) / steps) * (a - x0[k])));
      p.clear();
      p.g.append(picture, p.line([x0, x], {stroke: "currentColor", "stroke-width": 1.2}),
        ...(steps <= 20 ? walk.map(([a, b]) => p.dot(a, b, {r: 2.5, fill: "currentColor"})) : []));
      p.svg.setAttribute("aria-label", `f at the input (${x.map((a) => number(a)).join(", ")}) is ${number(compute.value(shape, x))}, at the baseline ${number(compute.value(shape, x0))}`);
      const S = 70, zero = 130;
      bars.setAttribute("aria-label", rows.map(([name, [a, b]]) => `${name}: ${number(a)} and ${number(b)}`).join("; "));
      bars.replaceChildren(
        s("text", {x: 0, y: 14, "font-weight": "bold"}, `f rises by ${number(rise)}. Credit to x₁ and x₂:`),
        s("line", {x1: zero, x2: zero, y1: 24, y2: 286, class: "grid"}),
        ...rows.flatMap(([name, credit, adds], r) => {
          const y = 38 + 51 * r, total = credit[0] + credit[1], right = Math.abs(total - rise) < 0.01;
          return [
            s("text", {x: 0, y}, name),
            ...credit.flatMap((v, k) => {
              const long = Math.max(-1.8, Math.min(1.9, v)) * S;
              return [
                s("rect", {x: zero + Math.min(0, long), y: y + 5 + 14 * k, width: Math.max(1, Math.abs(long)), height: 11, fill: viz.COLOURS[k]}),
                s("text", {x: zero + Math.max(0, long) + 4, y: y + 14 + 14 * k}, `${["x₁", "x₂"][k]} ${number(v, 2)}`)];
            }),
            adds ? s("text", {x: 318, y, "text-anchor": "end", style: `fill: ${right ? "var(--green)" : "var(--red)"}`}, `sum ${number(total, 2)} ${right ? "✓" : "✗"}`) : null,
          ].filter(Boolean);
        }));
      const wrong = rows.filter(([, c, adds]) => adds && Math.abs(c[0] + c[1] - rise) >= 0.01).map(([name]) => name.split(",")[0]);
      say.textContent = wrong.length ? `Not shared out completely by: ${wrong.join("; ")}.` : "All four share out the rise completely.";
      points.forEach((point) => point.renew());
    }
    root.append(h("div", {class: "row"}, p.svg, bars), say,
      controls(choice("f", names, shape, (v) => { shape = v; picture = ground(); renew(); }),
        slider("steps", {min: 1, max: 120, step: 1, value: steps}, (v) => { steps = v; renew(); })));
    new MutationObserver(() => { picture = ground(); renew(); }).observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme"]});
    renew();
  },
});
