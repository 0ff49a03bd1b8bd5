dlbookViz.add("through_time", {
  compute: {
    times: (W, v) => W.map((row) => row.reduce((t, a, j) => t + a * v[j], 0)),
    back: (W, v) => W[0].map((_, j) => W.reduce((t, row, i) => t + row[j] * v[i], 0)),
    // For k = 0, 1, ... steps back from the end: the size of the gradient at the state, and the mean slope of its tanh.
    rnn(x, Wi, Wh, end) {
      const states = [];
      let h = end.map(() => 0), dh = end;
      for (const row of x) {
        const a = this.times(Wi, row), b = this.times(Wh, h);
        states.push(h = a.map((v, i) => Math.tanh(v + b[i])));
      }
      const sizes = [], slopes = [];
      for (const s of states.reverse()) {
        sizes.push(Math.hypot(...dh));
        slopes.push(s.reduce((t, v) => t + 1 - v * v, 0) / s.length);
        dh = this.back(Wh, dh.map((v, i) => v * (1 - s[i] * s[i])));
      }
      return [sizes, slopes];
    },
    // The same for the states h and c of an LSTM (rows of the weights: i, f, g, o), and the mean forget gate.
    lstm(x, Wi, Wh, bias, end) {
      const H = end.length, sigma = (v) => 1 / (1 + Math.exp(-v)), steps = [];
      let h = end.map(() => 0), c = h;
      for (const row of x) {
        const a = this.times(Wi, row), b = this.times(Wh, h), z = a.map((v, k) => v + b[k] + bias[k]), old = c;
        const gate = (k, f) => z.slice(k * H, (k + 1) * H).map(f);
        const [i, f, g, o] = [gate(0, sigma), gate(1, sigma), gate(2, Math.tanh), gate(3, sigma)];
        c = c.map((v, k) => f[k] * v + i[k] * g[k]);
        const bent = c.map(Math.tanh);
        h = bent.map((v, k) => o[k] * v);
        steps.push({i, f, g, o, old, bent});
      }
      let dh = end, dc = end.map(() => 0);
      const sizes = [], gates = [];
      for (const {i, f, g, o, old, bent} of steps.reverse()) {
        sizes.push(Math.hypot(...dh, ...dc));
        gates.push(f.reduce((t, v) => t + v, 0) / H);
        const d = dc.map((v, k) => v + dh[k] * o[k] * (1 - bent[k] ** 2));
        const dz = [d.map((v, k) => v * g[k] * i[k] * (1 - i[k])), d.map((v, k) => v * old[k] * f[k] * (1 - f[k])),
          d.map((v, k) => v * i[k] * (1 - g[k] ** 2)), dh.map((v, k) => v * bent[k] * o[k] * (1 - o[k]))].flat();
        dc = d.map((v, k) => v * f[k]);
        dh = this.back(Wh, dz);
      }
      return [sizes, gates];
    },
  },
  draw(root, {steps, hidden}, viz) {
    const {h, s, fine, slider, button, controls, plot, handle, random} = viz, LOW = 1e-12, K = steps - 1;
    let rho = 1, strength = 0.5, bias = 0, seed = 1, at = 30, weights;
    const left = plot({x: [0, K], y: [LOW, 1e4], logy: true, left: 60, height: 270, xlabel: "steps back from the end", ylabel: "size of the gradient", label: "size of the gradient over the steps back"});
    const right = plot({x: [0, K], y: [0, 1.6], height: 270, xlabel: "steps back from the end", ylabel: "factor of the step", label: "what each step multiplies by"});
    const line = (p, color, more) => { const path = s("path", {fill: "none", stroke: `var(${color})`, "stroke-width": 2.5, ...more}); p.g.append(path); return path; };
    const mark = s("line", {stroke: "var(--red)", "stroke-width": 1.5});
    left.g.append(mark);
    const bound = line(left, "--blue", {"stroke-dasharray": "4 4", "stroke-width": 1.3}), plain = line(left, "--blue"), lstm = line(left, "--orange");
    const slope = line(right, "--blue"), gate = line(right, "--orange");
    right.g.append(right.line([[0, 1], [K, 1]], {stroke: "currentColor", "stroke-width": 1, opacity: 0.6}));
    const key = (p, y, color, text, dash) => p.svg.append(s("line", {x1: p === left ? 70 : 58, x2: p === left ? 90 : 78, y1: y, y2: y, stroke: `var(${color})`, "stroke-width": 2.5, "stroke-dasharray": dash}),
      s("text", {x: p === left ? 95 : 83, y: y + 4}, text));
    key(left, 184, "--blue", "plain network", null); key(left, 199, "--blue", "ρ to the number of steps", "4 4"); key(left, 214, "--orange", "LSTM, h and c", null);
    key(right, 199, "--blue", "plain: ρ times the mean slope of tanh", null); key(right, 214, "--orange", "LSTM: mean forget gate", null);
    const say = h("p", {class: "say", "aria-live": "polite"});
    // Random numbers, the same on every machine: an orthogonal matrix for the plain network, PyTorch's uniform ones for the LSTM.
    function draw() {
      const r = random(seed), normal = (m, n) => Array.from({length: m}, () => Array.from({length: n}, r.normal)), Q = [];
      for (const row of normal(hidden, hidden)) {
        for (const q of Q) { const d = q.reduce((t, v, k) => t + v * row[k], 0); q.forEach((v, k) => { row[k] -= d * v; }); }
        const size = Math.hypot(...row);
        Q.push(row.map((v) => v / size));
      }
      const uniform = (m, n) => Array.from({length: m}, () => Array.from({length: n}, () => (2 * r.uniform() - 1) / Math.sqrt(hidden))), end = normal(1, hidden)[0], long = Math.hypot(...end);
      weights = {Q, Wi: uniform(hidden, 3), x: normal(steps, 3), end: end.map((v) => v / long), Li: uniform(4 * hidden, 3), Lh: uniform(4 * hidden, hidden)};
    }
    const renew = () => {
      const {Q, Wi, x, end, Li, Lh} = weights, given = x.map((row) => row.map((v) => strength * v));
      const [a, slopes] = this.compute.rnn(given, Wi, Q.map((row) => row.map((v) => rho * v)), end);
      const [b, gates] = this.compute.lstm(given, Li, Lh, Array.from({length: 4 * hidden}, (_, k) => (Math.floor(k / hidden) === 1 ? bias : 0)), end);
      const points = (v) => v.map((y, k) => [k, Math.max(y, 1e-30)]);
      bound.setAttribute("d", left.path(points(a.map((_, k) => rho ** k))));
      plain.setAttribute("d", left.path(points(a)));
      lstm.setAttribute("d", left.path(points(b)));
      slope.setAttribute("d", right.path(points(slopes.map((v) => rho * v))));
      gate.setAttribute("d", right.path(points(gates)));
      for (const [k, v] of [["x1", left.X(at)], ["x2", left.X(at)], ["y1", left.Y(LOW)], ["y2", left.Y(1e4)]]) mark.setAttribute(k, v);
      const short = (v) => fine(v, v > 10 ? 0 : 3), verdict = (v) => (v > 10 ? "it explodes" : v < 1e-3 ? "it vanishes" : v < 0.1 ? "little arrives" : "it arrives");
      say.textContent = `${at} steps back the plain network has ${short(a[at])} of the gradient (${verdict(a[at])}), the LSTM ${short(b[at])} (${verdict(b[at])}). ρ to the power ${at} is ${short(rho ** at)}.`;
      grip.renew();
    };
    const grip = handle(left, "steps back", 1, () => [at, LOW], (k) => { at = Math.round(Math.min(K, Math.max(0, k))); renew(); });
    left.svg.append(grip);
    draw();
    root.append(h("div", {class: "row"}, left.svg, right.svg), say, controls(
      slider("spectral radius ρ of the plain network", {min: 0.5, max: 1.5, step: 0.01, value: rho}, (v) => { rho = v; renew(); }),
      slider("forget-gate bias of the LSTM", {min: -2, max: 6, step: 0.1, value: bias}, (v) => { bias = v; renew(); }),
      slider("size of the inputs", {min: 0, max: 3, step: 0.05, value: strength}, (v) => { strength = v; renew(); }),
      button("Other weights", () => { seed++; draw(); renew(); })));
    renew();
  },
});
