dlbookViz.add("depth", {
  compute: {
    // Activations, and their slopes from the output a.
    acts: {
      ReLU: [(z) => Math.max(z, 0), (a) => +(a > 0)],
      tanh: [Math.tanh, (a) => 1 - a * a],
      sigmoid: [(z) => 1 / (1 + Math.exp(-z)), (a) => a * (1 - a)],
      none: [(z) => z, () => 1],
    },
    // rows @ W.T, and rows @ W
    apply: (rows, W) => rows.map((r) => W.map((w) => { let t = 0; for (let k = 0; k < w.length; k++) t += w[k] * r[k]; return t; })),
    back: (rows, W) => rows.map((r) => {
      const out = new Array(W[0].length).fill(0);
      r.forEach((g, j) => { const w = W[j]; for (let k = 0; k < w.length; k++) out[k] += g * w[k]; });
      return out;
    }),
    // What each layer a = g(W a) hands on, the input first. x: (examples, units); every W is multiplied by scale.
    forward(x, Ws, scale, act) {
      const all = [x], [g] = this.acts[act];
      for (const W of Ws) all.push(this.apply(all.at(-1), W).map((row) => row.map((z) => g(scale * z))));
      return all;
    },
    // The gradients of all that, the input first, from that of the last layer's output.
    backward(da, outputs, Ws, scale, act) {
      const all = [da], slope = this.acts[act][1];
      for (let l = Ws.length; l > 0; l--) {
        const dz = all[0].map((row, i) => row.map((g, j) => scale * g * slope(outputs[l][i][j])));
        all.unshift(this.back(dz, Ws[l - 1]));
      }
      return all;
    },
    size: (rows) => Math.sqrt(rows.flat().reduce((t, v) => t + v * v, 0) / (rows.length * rows[0].length)),
    // How far the examples lie from their mean.
    difference(rows) {
      const mean = rows[0].map((_, k) => rows.reduce((t, r) => t + r[k], 0) / rows.length);
      return this.size(rows.map((r) => r.map((v, k) => v - mean[k])));
    },
  },
  draw(root, {depth, width, examples}, viz) {
    const {h, s, number, fine, slider, button, choice, controls, plot, handle, random} = viz, compute = this.compute;
    const MOST = 50, rules = {"√2: He's": Math.SQRT2, "1: Glorot's": 1, "0.58: nn.Linear's": Math.sqrt(1 / 3)};
    const r = random(0), table = (n, m) => Array.from({length: n}, () => Array.from({length: m}, () => r.normal()));
    const x = table(examples, width), da = table(examples, width), base = Array.from({length: MOST}, () => table(width, width).map((row) => row.map((v) => v / Math.sqrt(width))));
    let scale = 1, act = "ReLU", layers = depth, end = 1;
    const say = h("p", {class: "say", "aria-live": "polite"}), LOW = 1e-8, HIGH = 1e8;
    const xs = [-0.7, MOST + 0.5], top = plot({width: 340, height: 230, left: 40, x: xs, y: [-3, 3], xlabel: "layer (0: the input)", ylabel: "activations", label: "how the activations of each layer are spread"});
    const bottom = plot({width: 340, height: 230, left: 64, x: xs, y: [LOW, HIGH], logy: true, xlabel: "layer", ylabel: "root mean square"});
    const kinds = [["signal", "var(--blue)", "none"], ["differences", "var(--green)", "6 3"], ["gradient", "var(--red)", "2 3"]];
    // The end of the signal's line can be taken: its height divided by what it was, spread over all layers, changes the weights.
    const grip = handle(bottom, "end of the signal: number of layers, and its size there", 1, () => [layers, end], (a, b) => {
      layers = Math.max(1, Math.min(MOST, Math.round(a)));
      scale = Math.max(0.2, Math.min(5, scale * (b > 0 ? b / end : 0.5) ** (1 / layers)));
      count.set(layers);
      size.set(Math.log10(scale));
      renew();
    });
    bottom.svg.append(grip, ...kinds.map(([name, fill], k) => s("text", {x: 326, y: 24 + 14 * k, "text-anchor": "end", style: `font-weight: bold; fill: ${fill}`}, name)));
    function renew() {
      const Ws = base.slice(0, layers), out = compute.forward(x, Ws, scale, act), grad = compute.backward(da, out, Ws, scale, act);
      const sizes = [out.map(compute.size), out.map((a) => compute.difference(a)), grad.map(compute.size)];
      top.clear();
      bottom.clear();
      // Each layer's activations as a shape: as wide as they are frequent; what is outside piles up at the rims.
      out.forEach((rows, l) => {
        const bins = new Array(31).fill(0), all = rows.flat();
        for (const v of all) if (!Number.isNaN(v)) bins[Math.max(0, Math.min(30, Math.floor(((v + 3.1) / 6.2) * 31)))]++;
        const side = (sign) => bins.map((c, b) => [l + sign * 0.46 * Math.sqrt(c / Math.max(...bins)), -3 + b * 0.2]);
        top.g.append(s("path", {d: top.path([...side(1), ...side(-1).reverse()]) + "Z", fill: l ? "var(--blue)" : "currentColor", "fill-opacity": 0.7}));
      });
      kinds.forEach(([, stroke, dash], k) => bottom.g.append(bottom.line(sizes[k].map((v, l) => [l, Math.max(1e-300, Math.min(1e300, v))]), {stroke, "stroke-dasharray": dash, "stroke-width": 2.5})));
      end = Math.max(LOW, Math.min(HIGH, sizes[0].at(-1)));
      grip.renew();
      const [signal, other, gradient] = [sizes[0].at(-1), sizes[1].at(-1), sizes[2][0]], words = [];
      const fate = (v) => (v > 1e3 ? "explodes" : v > 10 ? "grows" : v < 1e-3 ? "dies" : v < 0.1 ? "fades" : "keeps its size");
      words.push(other < 1e-3 && signal > 1e-3 ? "all inputs look alike by then" : `the signal ${fate(signal)}`, `the gradient ${fate(gradient)}`);
      const full = out.at(-1).flat().filter((a) => compute.acts[act][1](a) < 0.05).length / (examples * width);
      if (act !== "none") words.push(`${Math.round(100 * full)} % of the last units are ${act === "ReLU" ? "off" : "saturated"}`);
      say.textContent = `After ${layers} layers the signal is ${fine(signal, 4)}, its differences ${fine(other, 4)}; back at the input the gradient is ${fine(gradient, 4)}: ${words.join(", ")}.`;
    }
    const size = slider("size of the weights, σ√n", {min: -0.7, max: 0.7, step: 0.01, value: 0, to: (v) => 10 ** v, show: (v) => number(v, 2)}, (v) => { scale = v; renew(); });
    const count = slider("layers", {min: 1, max: MOST, step: 1, value: layers}, (v) => { layers = v; renew(); });
    root.append(h("div", {class: "row"}, top.svg, bottom.svg), say,
      controls(choice("activation", Object.keys(compute.acts), act, (v) => { act = v; renew(); }), count, size),
      controls(h("span", {}, "sizes to try:"), ...Object.entries(rules).map(([name, value]) => button(name, () => { scale = value; size.set(Math.log10(value)); renew(); }))));
    renew();
  },
});
