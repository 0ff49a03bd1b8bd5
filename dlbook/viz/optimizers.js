dlbookViz.add("optimizers", {
  compute: {
    surfaces: {
      ravine: [(x, y) => 0.5 * x * x + 30 * y * y, (x, y) => [x, 60 * y]],
      slanted: [(x, y) => 0.25 * (x + y) ** 2 + 15 * (x - y) ** 2, (x, y) => [0.5 * (x + y) + 30 * (x - y), 0.5 * (x + y) - 30 * (x - y)]],
      bend: [(x, y) => (1 - x) ** 2 + 10 * (y - x * x) ** 2, (x, y) => [-2 * (1 - x) - 40 * x * (y - x * x), 20 * (y - x * x)]],
      saddle: [(x, y) => 0.5 * x * x + 0.125 * (y * y - 2) ** 2, (x, y) => [x, 0.5 * y * (y * y - 2)]],
      sill: [(x, y) => 0.1 * (x - 1.5) ** 2 + y * y + 0.5 * Math.exp(-6 * x * x), (x, y) => [0.2 * (x - 1.5) - 6 * x * Math.exp(-6 * x * x), 2 * y]],
    },
    height(surface, x, y) { return this.surfaces[surface][0](x, y); },
    slope(surface, x, y) { return this.surfaces[surface][1](x, y); },
    // Each rule: the direction for gradient g, given the state s of one weight and the number t of the step.
    rules: {
      SGD: (g) => g,
      momentum(g, s) { s.v = 0.9 * (s.v ?? 0) + g; return s.v; },
      RMSprop(g, s) { s.v = 0.9 * (s.v ?? 0) + 0.1 * g * g; return g / (Math.sqrt(s.v) + 1e-8); },
      Adam(g, s, t) {
        s.m = 0.9 * (s.m ?? 0) + 0.1 * g;
        s.v = 0.999 * (s.v ?? 0) + 0.001 * g * g;
        return s.m / (1 - 0.9 ** t) / (Math.sqrt(s.v / (1 - 0.999 ** t)) + 1e-8);
      },
    },
    walk(rule, surface, start, rate, steps) {
      let w = [...start];
      const states = [{}, {}], path = [w];
      for (let t = 1; t <= steps; t++) {
        const g = this.slope(surface, ...w);
        w = w.map((x, k) => x - rate * this.rules[rule](g[k], states[k], t));
        path.push(w);
      }
      return path;
    },
  },
  draw(root, {surface, start}, viz) {
    const {h, s, fine, slider, button, choice, controls, plot, handle, player, contour} = viz, compute = this.compute;
    const STEPS = 100, names = Object.keys(compute.rules);
    const colour = {SGD: "var(--purple)", momentum: "var(--blue)", RMSprop: "var(--green)", Adam: "var(--red)"};
    const lowest = {ravine: [[0, 0]], slanted: [[0, 0]], bend: [[1, 1]], saddle: [[0, Math.SQRT2], [0, -Math.SQRT2]], sill: [[1.5, 0]]};
    const starts = {ravine: start, slanted: [-1.9, -0.4], bend: [-1.2, 1], saddle: [-1.8, 0.02], sill: [-1.5, 0.9]};
    const rates = {SGD: 10 ** -1.5, momentum: 10 ** -1.7, RMSprop: 10 ** -1.3, Adam: 0.1};
    let name = surface, at = [...start], steps = 40;
    const xs = [-2.2, 2.2], ys = [-1.6, 1.6];
    const map = plot({x: xs, y: ys, xlabel: "weight x", ylabel: "weight y", label: "level lines of the surface and the way of each optimizer"});
    const graph = plot({x: [0, STEPS], y: [1e-6, 1e3], logy: true, left: 64, right: 80, xlabel: "step", ylabel: "height above the lowest"});
    const rings = s("g", {fill: "none", stroke: "currentColor"}), ways = s("g", {}), marks = s("g", {}), labels = s("g", {});
    map.g.append(rings, ways);
    map.svg.append(marks);
    graph.svg.append(labels);
    const say = h("p", {class: "say", "aria-live": "polite"});
    const grip = handle(map, "start", 0.05, () => at, (x, y) => {
      at = [x, y];
      renew();
    });
    map.svg.append(grip);
    function ground() {
      rings.replaceChildren(...[0.02, 0.1, 0.25, 0.5, 0.9, 1.6, 3, 6, 12, 25, 50].map((level) => {
        const pieces = contour((x, y) => compute.height(name, x, y), xs, ys, level, 44);
        return s("path", {d: pieces.map((p) => map.path(p)).join(""), opacity: 0.35});
      }), ...lowest[name].map(([x, y]) => s("path", {d: `M${map.X(x) - 5} ${map.Y(y)}h10m-5 -5v10`, "stroke-width": 2})));
    }
    // What a way has reached: a height, or nothing where it has left all bounds.
    const height = (w) => { const L = compute.height(name, ...w); return L < 1e9 ? L : Infinity; };
    function renew() {
      const ends = [];
      ways.replaceChildren();
      marks.replaceChildren();
      graph.clear();
      names.forEach((rule, k) => {
        const path = compute.walk(rule, name, at, rates[rule], steps), heights = path.map(height);
        const alive = path.filter((w, t) => heights[t] < Infinity), end = path.at(-1), L = heights.at(-1);
        ways.append(map.line(alive, {stroke: colour[rule], "stroke-width": 1.4}), s("path", {d: alive.map(([x, y]) => `M${map.X(x).toFixed(1)} ${map.Y(y).toFixed(1)}h0`).join(""),
          stroke: colour[rule], "stroke-width": 4, "stroke-linecap": "round"}));
        const inside = L < Infinity && Math.abs(end[0]) < xs[1] && Math.abs(end[1]) < ys[1];
        if (inside) marks.append(map.dot(...end, {r: 5.5, fill: colour[rule], stroke: "currentColor"}));
        graph.g.append(graph.line(heights.map((v, t) => [t, Math.max(Math.min(v, 1e9), 1e-9)]), {stroke: colour[rule]}));
        ends.push([L, rule, `${rule} ${L < Infinity ? fine(L, 4) : "lost for good"}${inside || !(L < Infinity) ? "" : " (out of the picture)"}`]);
      });
      ends.sort(([a], [b]) => a - b);
      let under = Infinity;  // the names at the ends of the lines, none over another, and room above for those to come
      labels.replaceChildren(...ends.map(([L, rule], k) => {
        const y = graph.Y(Math.max(1e-6, Math.min(L, 1e3))) + 4;
        under = Math.min(Math.max(y, 14 + 12 * (ends.length - 1 - k)), under - 12);
        return s("text", {x: graph.X(steps) + 6, y: under, style: `fill: ${colour[rule]}; font-weight: bold`}, rule);
      }));
      say.textContent = `Height after ${steps} steps: ${ends.map(([, , words]) => words).join(", ")}.`;
      grip.renew();
    }
    const rate = (rule) => slider(h("span", {}, h("span", {"aria-hidden": "true", style: `display: inline-block; width: .8em; height: .8em; margin-right: .3em; background: ${colour[rule]}`}), rule), {min: -3, max: 0.5, step: 0.1, value: Math.log10(rates[rule]), to: (v) => 10 ** v},
      (v) => { rates[rule] = v; renew(); });
    const sliders = names.map(rate);
    const time = slider("step", {min: 0, max: STEPS, step: 1, value: steps}, (v) => { run.stop(); steps = v; renew(); });
    const run = player("Race", () => {
      steps++;
      time.set(steps);
      renew();
      return steps < STEPS;
    }, 60, () => { steps = -1; });
    function tune() {
      run.stop();
      names.forEach((rule, k) => {
        const grid = Array.from({length: 36}, (_, i) => (i - 30) / 10);  // where its slider can stand
        const ends = grid.map((v) => height(compute.walk(rule, name, at, 10 ** v, STEPS).at(-1)));
        const best = grid[ends.indexOf(Math.min(...ends))];
        rates[rule] = 10 ** best;
        sliders[k].set(best);
      });
      steps = STEPS;
      time.set(steps);
      renew();
    }
    root.append(h("div", {class: "row"}, map.svg, graph.svg), say,
      controls(choice("surface", Object.keys(compute.surfaces), name, (v) => { name = v; at = [...starts[v]]; ground(); renew(); }), time, run),
      controls(h("span", {}, "learning rates"), ...sliders, button("The best rate for each", tune)));
    ground();
    renew();
  },
});
