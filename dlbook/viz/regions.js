dlbookViz.add("regions", {
  compute: {
    // Activations, and their slopes from the output a.
    acts: {
      ReLU: [(z) => Math.max(z, 0), (a) => +(a > 0)],
      tanh: [Math.tanh, (a) => 1 - a * a],
      sigmoid: [(z) => 1 / (1 + Math.exp(-z)), (a) => a * (1 - a)],
      none: [(z) => z, () => 1],
    },
    // layers: [[W, b], ...] with W (out, in); off: "layer.unit" -> true for units that are held at 0.
    // Returns the values of all layers, the input first, the logit last.
    forward(layers, act, point, off = {}) {
      const all = [point];
      layers.forEach(([W, b], l) => all.push(W.map((row, j) => {
        const z = row.reduce((t, w, k) => t + w * all[l][k], b[j]);
        return l + 1 === layers.length ? z : off[`${l}.${j}`] ? 0 : this.acts[act][0](z);
      })));
      return all;
    },
    // The mean of the losses ln(1 + e^z) - y z, and then its gradients.
    gradients(layers, act, x, y, off = {}) {
      const d = layers.map(([W, b]) => [W.map((row) => row.map(() => 0)), b.map(() => 0)]);
      let loss = 0;
      x.forEach((point, i) => {
        const all = this.forward(layers, act, point, off), z = all.at(-1)[0];
        loss += (Math.max(z, 0) - y[i] * z + Math.log1p(Math.exp(-Math.abs(z)))) / x.length;
        let delta = [(1 / (1 + Math.exp(-z)) - y[i]) / x.length];
        for (let l = layers.length - 1; l >= 0; l--) {
          const [W] = layers[l], below = W[0].map(() => 0);
          delta.forEach((g, j) => {
            if (!g) return;
            d[l][1][j] += g;
            W[j].forEach((w, k) => { d[l][0][j][k] += g * all[l][k]; below[k] += g * w; });
          });
          delta = l ? below.map((g, k) => (off[`${l - 1}.${k}`] ? 0 : g * this.acts[act][1](all[l][k]))) : below;
        }
      });
      return [loss, ...d.flat(3)];
    },
    // Steps of Adam on all points.
    train(layers, act, x, y, rate, steps, state = {t: 0, m: [], v: []}, off = {}) {
      for (let k = 0; k < steps; k++) {
        const flat = this.gradients(layers, act, x, y, off), t = ++state.t;
        let i = 1;
        const move = (w) => {
          const g = flat[i], m = state.m[i] = 0.9 * (state.m[i] ?? 0) + 0.1 * g, v = state.v[i] = 0.999 * (state.v[i] ?? 0) + 0.001 * g * g;
          i++;
          return w - (rate * m) / (1 - 0.9 ** t) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
        };
        layers = layers.map(([W, b]) => [W.map((row) => row.map(move)), b.map(move)]);
      }
      return layers;
    },
    logits(layers, act, x) { return x.map((point) => this.forward(layers, act, point).at(-1)); },
    trained(...given) { return this.train(...given).flat(3); },
  },
  draw(root, {points}, viz) {
    const {h, s, number, slider, button, choice, controls, plot, player, contour, heat, random} = viz, compute = this.compute;
    const two = ["var(--blue)", "var(--orange)"], R = 2.8, n = 32;
    const turn = (q, t, c, r, noise) => [[q * Math.cos(t) + noise * r.normal(), q * Math.sin(t) + noise * r.normal()], c];
    const sets = {
      xor: (r) => { const p = [0, 0].map(() => 5 * r.uniform() - 2.5); return [p, +(p[0] * p[1] < 0)]; },
      moons: (r, c) => { const [p] = turn(1.3, Math.PI * r.uniform(), c, r, 0.12); return [[p[0] - 0.6, p[1] - 0.3].map((v) => (c ? -v : v)), c]; },
      circle: (r, c) => turn(c ? 0.6 : 1.8, 2 * Math.PI * r.uniform(), c, r, 0.2),
      spiral: (r, c) => { const u = 0.1 + 0.9 * Math.sqrt(r.uniform()); return turn(2.1 * u, 6.5 * u + Math.PI * c, c, r, 0.06); },
    };
    const made = Object.fromEntries(Object.entries(sets).map(([name, f]) => { const r = random(3); return [name, Array.from({length: 160}, (_, i) => f(r, i % 2))]; }));
    for (const [name, [x, y]] of Object.entries(points)) made[name] = x.map((p, i) => [p, y[i]]);
    let name = Object.keys(points)[0] ?? "xor", act = "ReLU", depth = 1, width = 4, rate = 10 ** -1.5, seed = 1;
    let x, y, layers, state, off, chosen = null;

    const map = plot({width: 320, height: 300, left: 40, x: [-R, R], y: [-R, R], xlabel: "x₁", ylabel: "x₂", label: "the points and the regions of the network"});
    const ground = s("image", {x: map.X(-R), y: map.Y(R), width: map.X(R) - map.X(-R), height: map.Y(-R) - map.Y(R), preserveAspectRatio: "none"});
    const bend = s("path", {fill: "none", stroke: "currentColor", "stroke-width": 1, opacity: 0.5, "stroke-dasharray": "4 3"});
    const mark = s("path", {fill: "none", stroke: "var(--red)", "stroke-width": 3}), edge = s("path", {fill: "none", stroke: "currentColor", "stroke-width": 2.2}), dots = s("g", {stroke: "currentColor", "stroke-width": 0.5});
    map.g.append(ground, bend, mark, edge, dots);
    const tiles = s("svg", {role: "group", "aria-label": "the hidden units: where each is on"}), say = h("p", {class: "say", "aria-live": "polite"});

    const place = (k) => [-R + ((k % n) + 0.5) * (2 * R / n), R - (Math.floor(k / n) + 0.5) * (2 * R / n)];
    const lines = (f, cells) => contour(f, [-R, R], [-R, R], 0, cells).map((p) => map.path(p)).join("");
    // What a unit adds up.
    const before = (l, j) => (a, b) => compute.forward(layers.slice(0, l + 1), act, [a, b], off)[l + 1][j];

    function start() {
      const r = random(seed);
      [x, y] = [made[name].map((p) => p[0]), made[name].map((p) => p[1])];
      const sizes = [2, ...Array(depth).fill(width), 1];
      layers = sizes.slice(1).map((out, l) => {
        const gain = Math.sqrt((act === "ReLU" ? 2 : 1) / sizes[l]);
        return [Array.from({length: out}, () => Array.from({length: sizes[l]}, () => gain * r.normal())), Array.from({length: out}, () => 0.5 * r.normal() * (l < depth))];
      });
      [state, off, chosen] = [{t: 0, m: [], v: []}, {}, null];
      dots.replaceChildren(...x.map((p, i) => (y[i] ? s("rect", {x: map.X(p[0]) - 3, y: map.Y(p[1]) - 3, width: 6, height: 6, fill: two[1]})
        : map.dot(...p, {r: 3, fill: two[0]}))));
      tiles.setAttribute("viewBox", `0 0 320 ${24 + 58 * depth}`);
      tiles.replaceChildren(s("text", {x: 2, y: 12}, "hidden units: press one to hold it at 0"), ...layers.slice(0, -1).flatMap((_, l) => Array.from({length: width}, (_, j) => tile(l, j))));
      renew();
    }
    function tile(l, j) {
      const key = `${l}.${j}`, at = {x: 2 + 39.5 * j, y: 34 + 58 * l, width: 36, height: 36};
      const image = s("image", {...at, preserveAspectRatio: "none"}), frame = s("rect", {...at, fill: "transparent", stroke: "currentColor"});
      const words = s("text", {x: at.x + 18, y: at.y - 4, "text-anchor": "middle"});
      const press = () => { off[key] = !off[key]; renew(); }, look = () => { chosen = key; renew(); }, leave = () => { chosen = null; renew(); };
      const g = s("g", {tabindex: 0, role: "button", style: "cursor: pointer", onclick: press, onfocus: look, onpointerenter: look, onpointerleave: leave, onblur: leave,
        onkeydown: (event) => { if (event.key === " " || event.key === "Enter") { event.preventDefault(); press(); } }}, image, frame, words);
      g.renew = (seen, given) => {
        const a = seen.map((all) => all[l + 1][j]), top = Math.max(...a.map(Math.abs), 1e-9), dead = given.every((all) => !all[l + 1][j]);
        image.setAttribute("href", heat(root, a.map((v) => (act === "sigmoid" ? 2 * v - 1 : v / top)), n));
        image.setAttribute("opacity", off[key] ? 0.15 : 1);
        frame.setAttribute("stroke", chosen === key ? "var(--red)" : "currentColor");
        frame.setAttribute("stroke-width", chosen === key ? 3 : 1);
        words.textContent = off[key] ? "held" : dead ? "dead" : `${l + 1}.${j + 1}`;
        g.setAttribute("aria-label", `unit ${j + 1} of layer ${l + 1}${dead ? ", dead" : ""}`);
        g.setAttribute("aria-pressed", !!off[key]);
      };
      return g;
    }
    function renew() {
      const run = (p) => compute.forward(layers, act, p, off), seen = Array.from({length: n * n}, (_, k) => run(place(k))), given = x.map(run);
      const logit = (a, b) => run([a, b]).at(-1)[0];
      ground.setAttribute("href", heat(root, seen.map((all) => Math.tanh(all.at(-1)[0] / 2)), n));
      edge.setAttribute("d", lines(logit, 40));
      bend.setAttribute("d", Array.from({length: width}, (_, j) => (off[`0.${j}`] ? "" : lines(before(0, j), 8))).join(""));
      const [l, j] = (chosen ?? "").split(".").map(Number);
      mark.setAttribute("d", chosen ? lines(before(l, j), l ? 40 : 8) : "");
      [...tiles.children].forEach((t) => t.renew?.(seen, given));
      const [loss] = compute.gradients(layers, act, x, y, off), right = given.filter((all, i) => all.at(-1)[0] > 0 === !!y[i]).length;
      const held = Object.values(off).filter(Boolean).length;
      say.textContent = `Step ${state.t}: loss ${number(loss)}, ${number((100 * right) / x.length, 1)} % of the points on the right side${held ? `, ${held} held at 0` : ""}.` +
        (chosen ? ` Red: where what unit ${l + 1}.${j + 1} adds up is 0.` : "");
    }
    function step(n) {
      layers = compute.train(layers, act, x, y, rate, n, state, off);
      renew();
      return state.t < 2000;
    }
    const run = player("Train", () => step(viz.still ? 100 : 5), 30);
    const fresh = (change) => (v) => { change(v); start(); };
    new MutationObserver(renew).observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme"]});
    root.append(h("div", {class: "row"}, map.svg, h("div", {}, tiles, say,
      controls(run, button("One step", () => step(1)), button("Other first weights", () => { seed++; start(); })))),
    controls(choice("points", Object.keys(made), name, fresh((v) => { name = v; })), choice("activation", Object.keys(compute.acts), act, fresh((v) => { act = v; })),
      slider("hidden layers", {min: 1, max: 3, step: 1, value: depth}, fresh((v) => { depth = v; })), slider("units in each", {min: 1, max: 8, step: 1, value: width}, fresh((v) => { width = v; })),
      slider("learning rate", {min: -3, max: 0, step: 0.1, value: -1.5, to: (v) => 10 ** v}, (v) => { rate = v; })));
    start();
    step(150);
  },
});
