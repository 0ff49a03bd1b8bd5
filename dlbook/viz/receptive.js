dlbookViz.add("receptive", {
  compute: {
    // Layers are [kernel, stride, dilation]. For each: how many pixels a unit sees, the step between units, how many units.
    fields(layers, n) {
      let r = 1, j = 1;
      return layers.map(([k, s, d]) => {
        r += d * (k - 1) * j;
        j *= s;
        n = Math.max(0, Math.floor((n - d * (k - 1) - 1) / s) + 1);
        return [r, j, n];
      });
    },
    // In how many ways a unit of the last layer reaches each unit of the layers below, input first.
    ways(layers, unit, n) {
      const sizes = [n, ...this.fields(layers, n).map((f) => f[2])], all = sizes.map((size) => Array(size).fill(0));
      all[layers.length][unit] = 1;
      for (let l = layers.length; l > 0; l--) {
        const [k, s, d] = layers[l - 1];
        all[l].forEach((v, u) => { for (let i = 0; i < k; i++) if (v) all[l - 1][u * s + i * d] += v; });
      }
      return all;
    },
    pixels(layers, unit, n) { return this.ways(layers, unit, n)[0]; },
  },
  draw(root, {stacks, pixels}, viz) {
    const {h, s, number, slider, choice, controls, place} = viz, names = Object.keys(stacks), GAP = 42, BARS = 54, CELL = "padding:.1em .35em .1em 0;text-align:left;font-size:12.5px";
    let layers, at = [0, 0], fields;  // at: layer (1, 2, ...) and unit
    const svg = s("svg", {role: "group", "aria-label": "units of each layer, the picture at the bottom"}), picture = s("g", {});
    const say = h("p", {class: "say", "aria-live": "polite"}), body = h("tbody", {});
    const over = s("rect", {x: 0, y: 0, width: 360, fill: "transparent", tabindex: 0, role: "application", "data-drag": true, style: "touch-action:pan-y;cursor:pointer",
      "aria-label": "units: left and right choose a unit, up and down a layer"});
    svg.append(picture, over);
    const step = 340 / pixels, X = (l, u) => { const [r, j] = l ? fields[l - 1] : [1, 1]; return 18 + (u * j + r / 2) * step; };
    const Y = (l) => 14 + (layers.length - l) * GAP, count = (l) => (l ? fields[l - 1][2] : pixels);
    function reset(next) {
      layers = next.map((layer) => [...layer]);
      const rows = layers.map((layer, l) => {
        const cells = ["kernel", "stride", "dilation"].map((what, k) => h("td", {style: CELL}, h("input", {type: "number", min: 1, max: [7, 3, 8][k], value: layer[k], "aria-label": `${what} of layer ${l + 1}`,
          style: "width:3em;font:inherit;color:inherit;background:transparent;border:1px solid currentColor", onchange: (event) => { event.target.value = layer[k]; }, oninput: (event) => {
            layer[k] = Math.min([7, 3, 8][k], Math.max(1, Math.round(+event.target.value) || 1)); renew(); }})));
        return h("tr", {}, h("td", {style: CELL}, l + 1), cells, h("td", {style: CELL}), h("td", {style: CELL}));
      });
      body.replaceChildren(...rows.reverse());
      top();
    }
    // The middle unit of the last layer that has any
    function top() {
      renew();
      const l = Math.max(1, fields.filter((f) => f[2]).length);
      at = [l, Math.floor(count(l) / 2)];
      renew();
    }
    const renew = () => {
      fields = this.compute.fields(layers, pixels);
      at = [Math.min(Math.max(1, at[0]), layers.length), at[1]];
      while (at[0] > 1 && !count(at[0])) at[0]--;
      at[1] = Math.min(count(at[0]) - 1, Math.max(0, at[1]));
      const [l, u] = at, height = Y(0) + BARS + 26, seen = this.compute.ways(layers.slice(0, l), u, pixels), shapes = [], most = Math.max(...seen[0]), all = seen[0].reduce((a, b) => a + b, 0);
      svg.setAttribute("viewBox", `0 0 360 ${height}`);
      over.setAttribute("height", height);
      for (let m = l; m > 0; m--) {
        const [k, stride, d] = layers[m - 1], top = Math.max(...seen[m]);
        seen[m].forEach((v, a) => { for (let i = 0; i < k && v; i++) shapes.push(s("line", {x1: X(m, a), y1: Y(m), x2: X(m - 1, a * stride + i * d), y2: Y(m - 1),
          stroke: "var(--orange)", "stroke-width": 1.3, opacity: 0.25 + 0.75 * v / top})); });
      }
      for (let m = 0; m <= layers.length; m++) {
        shapes.push(s("text", {x: 0, y: Y(m) + 4}, m || "in"));
        for (let a = 0; a < count(m); a++) {
          const v = m <= l ? seen[m][a] : 0, chosen = m === l && a === u;
          shapes.push(s("circle", {cx: X(m, a), cy: Y(m), r: chosen ? 6 : 4, fill: chosen ? "var(--red)" : v ? "var(--orange)" : "var(--grid)", stroke: "currentColor", "stroke-width": 0.5}));
        }
      }
      seen[0].forEach((v, a) => shapes.push(s("rect", {x: X(0, a) - step / 2 + 1, y: Y(0) + 10 + BARS * (1 - v / most), width: step - 2, height: BARS * v / most, fill: "var(--blue)"})));
      shapes.push(s("text", {x: 18, y: height - 4}, "in how many ways each pixel reaches the red unit"));
      picture.replaceChildren(...shapes);
      [...body.rows].reverse().forEach((row, m) => { row.cells[4].textContent = fields[m][2] ? fields[m][0] : "–"; row.cells[5].textContent = fields[m][2] ? fields[m][1] : "–"; });
      const first = seen[0].findIndex(Boolean), last = seen[0].findLastIndex(Boolean), within = seen[0].filter(Boolean).length, r = fields[l - 1][0];
      const middle = seen[0].slice(first + Math.floor(r / 4), last + 1 - Math.floor(r / 4)).reduce((a, b) => a + b, 0);
      const weights = layers.slice(0, l).reduce((t, [k]) => t + k * k, 0), empty = fields.findIndex((f) => !f[2]);
      say.textContent = `Layer ${l}, unit ${u + 1} of ${count(l)}: it sees ${r} pixels, ${first + 1} to ${last + 1}` + (within < r ? `, with gaps: only ${within} of them` : "") +
        `. ${number(100 * middle / all, 0)} % of its ${all} ways lead to the middle ${last + 1 - first - 2 * Math.floor(r / 4)}. On a picture it sees ${r} by ${r}, through windows of ${weights} numbers in all.` +
        (empty < 0 ? "" : ` The kernel of layer ${empty + 1} is longer than what is left.`);
    };
    const go = (l, u) => { at = [Math.min(layers.length, Math.max(1, l)), u]; renew(); };
    function pick(event) {
      const [x, y] = place(svg, event), l = Math.max(1, Math.min(layers.length, layers.length - Math.round((y - 14) / GAP)));
      if (!count(l)) return;
      let best = 0;
      for (let u = 1; u < count(l); u++) if (Math.abs(X(l, u) - x) < Math.abs(X(l, best) - x)) best = u;
      if (l !== at[0] || best !== at[1]) go(l, best);
    }
    over.addEventListener("pointerdown", (event) => { over.setPointerCapture(event.pointerId); pick(event); });
    over.addEventListener("pointermove", (event) => { if (event.buttons) pick(event); });
    over.addEventListener("keydown", (event) => {
      const way = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0]}[event.key];
      if (!way) return;
      event.preventDefault();
      const l = Math.min(layers.length, Math.max(1, at[0] + way[0]));
      go(l, way[0] ? Math.round((X(...at) - X(l, 0)) / step / fields[l - 1][1]) : at[1] + way[1]);
    });
    const depth = slider("layers", {min: 1, max: 6, step: 1, value: stacks[names[0]].length}, (n) => reset(Array.from({length: n}, (_, l) => layers[l] ?? layers.at(-1))));
    reset(stacks[names[0]]);
    svg.style.flex = "3 1 20rem";
    root.append(h("div", {class: "row"}, svg, h("div", {style: "flex:1 1 16rem"},
      h("table", {style: "font-variant-numeric:tabular-nums"}, h("thead", {}, h("tr", {}, ["layer", "kernel", "stride", "dilation", "sees", "step"].map((t) => h("th", {scope: "col", style: CELL}, t)))), body), say)),
      controls(choice("start from", names, names[0], (name) => { depth.set(stacks[name].length); reset(stacks[name]); }), depth));
  },
});
