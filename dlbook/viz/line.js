dlbookViz.add("line", {
  compute: {
    loss(w, b, x, y) {
      return x.reduce((t, v, k) => t + (w * v + b - y[k]) ** 2, 0) / x.length;
    },
    gradient(w, b, x, y) {
      const r = x.map((v, k) => w * v + b - y[k]), mean = (f) => (2 * r.reduce((t, e, k) => t + f(e, k), 0)) / x.length;
      return [mean((e, k) => e * x[k]), mean((e) => e)];
    },
  },
  draw(root, {x, y, xlabel, ylabel}, viz) {
    const {h, s, number, slider, controls, button, plot, handle, player} = viz, {loss, gradient} = this.compute;
    const mean = (v) => v.reduce((a, c) => a + c, 0) / v.length;
    const xx = mean(x.map((v) => v * v)), xm = mean(x), ym = mean(y), xy = mean(x.map((v, k) => v * y[k]));
    const best = [(xy - xm * ym) / (xx - xm * xm)];
    best.push(ym - best[0] * xm);
    // As far along both axes, so that the bowl of a standardised x looks as round as it is.
    const far = 2.2 * Math.max(Math.abs(best[0]), Math.sqrt(mean(y.map((v) => (v - ym) ** 2)))), span = [far, far];
    const start = [best[0] - 0.7 * span[0], best[1] + 0.7 * span[1]];
    let at = [...start], path = [[...at]], rate = 0.1;
    const pad = (v, m) => { const [a, c] = [Math.min(...v), Math.max(...v)]; return [a - m * (c - a), c + m * (c - a)]; };
    const left = plot({x: pad(x, 0.1), y: pad(y, 0.5), xlabel, ylabel, label: "the data and the line"});
    const right = plot({x: [best[0] - span[0], best[0] + span[0]], y: [best[1] - span[1], best[1] + span[1]], xlabel: "slope w", ylabel: "intercept b", label: "the loss as a bowl, seen from above"});
    const say = h("p", {class: "say", "aria-live": "polite"});
    // Level lines of a quadratic bowl are ellipses: (p - best)' H (p - best) = level.
    const [a, c] = [xx, xm], angle = 0.5 * Math.atan2(2 * c, a - 1), mid = (a + 1) / 2, half = Math.hypot((a - 1) / 2, c);
    const rings = [0.02, 0.1, 0.3, 0.7, 1.5, 3].map((level) => {
      const points = [];
      for (let k = 0; k <= 60; k++) {
        const t = (k * Math.PI) / 30, u = far * Math.sqrt(level / (mid + half)) * Math.cos(t), v = far * Math.sqrt(level / (mid - half)) * Math.sin(t);
        points.push([best[0] + u * Math.cos(angle) - v * Math.sin(angle), best[1] + u * Math.sin(angle) + v * Math.cos(angle)]);
      }
      return right.line(points, {stroke: "currentColor", opacity: 0.4, "stroke-width": 1});
    });
    const trace = s("path", {fill: "none", stroke: "var(--blue)", "stroke-width": 2}), dots = s("g", {fill: "var(--blue)"});
    right.g.append(...rings, right.dot(...best, {fill: "none", stroke: "var(--green)", "stroke-width": 2}), trace, dots);
    const residuals = s("g", {stroke: "var(--red)", opacity: 0.6}), fit = s("path", {stroke: "var(--blue)", "stroke-width": 2.5});
    left.g.append(residuals, ...x.map((v, k) => left.dot(v, y[k], {fill: "var(--orange)", r: 3})), fit);
    const grip = handle(right, "slope and intercept", 0.05, () => at, (w, b) => { run.stop(); at = [w, b]; path = [[w, b]]; renew(); });
    right.svg.append(grip);
    function renew() {
      const [w, b] = at, L = loss(w, b, x, y), ends = pad(x, 0.1);
      fit.setAttribute("d", left.path(ends.map((v) => [v, w * v + b])));
      residuals.replaceChildren(...x.map((v, k) => s("line", {x1: left.X(v), x2: left.X(v), y1: left.Y(y[k]), y2: left.Y(w * v + b)})));
      trace.setAttribute("d", right.path(path));
      dots.replaceChildren(...path.slice(-40).map(([p, q]) => right.dot(p, q, {r: 2.5})));
      const [dw, db] = gradient(w, b, x, y);
      say.textContent = `${path.length - 1} steps: loss ${number(L)}, gradient (${number(dw)}, ${number(db)})` + (L > 1e6 ? ": it diverges" : "");
      grip.renew();
    }
    function step() {
      const [dw, db] = gradient(...at, x, y);
      at = [at[0] - rate * dw, at[1] - rate * db];
      path.push([...at]);
      renew();
      const L = loss(...at, x, y);
      return path.length < 300 && L < 1e6 && Math.hypot(dw, db) > 1e-4;
    }
    const run = player("Run", step, 40);
    const again = () => { run.stop(); at = [...start]; path = [[...at]]; renew(); };
    root.append(h("div", {class: "row"}, left.svg, right.svg), say,
      controls(slider("learning rate", {min: -2, max: 0.3, step: 0.02, value: -1, to: (v) => 10 ** v}, (v) => { rate = v; }),
        button("Step", step), run, button("Back to the start", again)));
    renew();
  },
});
