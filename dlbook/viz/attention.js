dlbookViz.add("attention", {
  compute: {
    map: (x, W) => x.map((row) => W.map((w) => w.reduce((t, a, j) => t + a * row[j], 0))),  // x W'
    scores: (Q, K) => Q.map((q) => K.map((k) => q.reduce((t, v, j) => t + v * k[j], 0))),
    // softmax(Q K' / (sqrt(d) T)), row by row; without `root` the square root is left out, with `causal` no row looks ahead
    weights(Q, K, causal, root, T) {
      const by = (root ? Math.sqrt(Q[0].length) : 1) * T;
      return this.scores(Q, K).map((row, t) => {
        const z = row.map((v, s) => (causal && s > t ? -Infinity : v / by)), m = Math.max(...z), e = z.map((v) => Math.exp(v - m)), total = e.reduce((a, b) => a + b, 0);
        return e.map((v) => v / total);
      });
    },
    output: (A, V) => A.map((row) => V[0].map((_, j) => row.reduce((t, a, s) => t + a * V[s][j], 0))),
  },
  draw(root, {words, x, heads}, viz) {
    const {h, s, number, slider, button, choice, controls, plot, place, handle} = viz, T = words.length, names = Object.keys(heads);
    const parts = names.map((name) => heads[name].map((W) => this.compute.map(x, W)));  // of each head: Q, K, V
    let head = 0, at = Math.min(6, T - 1), causal = true, scaled = true, temperature = 1;
    const turned = {}, asks = () => `${head} ${at}`, query = () => turned[asks()] ?? parts[head][0][at];  // what was dragged stays with its word
    const step = 344 / T, X = (t) => 8 + (t + 0.5) * step, text = (a, b, t, more) => s("text", {x: a, y: b, ...more}, t);
    const lines = s("g", {}), over = s("rect", {x: 8, y: 16, width: 344, height: 32, fill: "transparent", tabindex: 0, role: "slider", "aria-label": "the word that asks", "aria-valuemin": 1, "aria-valuemax": T,
      "data-drag": true, style: "touch-action:pan-y;cursor:pointer"});
    const left = s("svg", {viewBox: "0 0 360 262", role: "group", "aria-label": "the word that asks, above, and the words it looks at"}, lines, over);
    const far = 1.25 * Math.max(...parts.flat(3).map(Math.abs));
    const right = plot({x: [-far, far], y: [-far, far], width: 300, height: 270, xlabel: "first number", ylabel: "second number", label: "the keys as points, and the query as an arrow to drag"});
    const arrow = s("g", {}), divided = h("th", {scope: "col", style: "padding:0 .3em;text-align:right"}), say = h("p", {class: "say", "aria-live": "polite"}), body = h("tbody", {});
    right.g.append(arrow);
    // A name beside each key, where it covers least of the points and of the names before it.
    const wide = (word) => 6.6 * [...word].length;
    function beside_of(points) {
      const taken = points.map(([x, y]) => [x - 6, y - 6, x + 6, y + 6]);
      return points.slice(0, T).map(([x, y], t) => {
        const covered = ([a, b]) => {
          const box = [a, b - 9, a + wide(words[t]), b + 3];
          const out = box[0] < right.X(-far) || box[2] > right.X(far) || box[1] < right.Y(far) || box[3] > right.Y(-far);
          return taken.reduce((sum, o) => sum + Math.max(0, Math.min(box[2], o[2]) - Math.max(box[0], o[0])) * Math.max(0, Math.min(box[3], o[3]) - Math.max(box[1], o[1])), out ? 1e3 : 0);
        };
        const back = x - 7 - wide(words[t]), best = [[x + 7, y - 6], [x + 7, y + 14], [back, y - 6], [back, y + 14], [x + 9, y + 4], [back - 2, y + 4], [x - wide(words[t]) / 2, y - 12], [x - wide(words[t]) / 2, y + 20]]
          .reduce((a, b) => (covered(b) < covered(a) ? b : a));
        taken.push([best[0], best[1] - 9, best[0] + wide(words[t]), best[1] + 3]);
        return best;
      });
    }
    const renew = () => {
      const [Q, K, V] = parts[head], q = query(), asked = Q.map((row, t) => (t === at ? q : row));
      const score = this.compute.scores(asked, K)[at], A = this.compute.weights(asked, K, causal, scaled, temperature), a = A[at], y = this.compute.output(A, V)[at];
      const by = (scaled ? Math.sqrt(q.length) : 1) * temperature, hidden = (t) => causal && t > at, top = a.indexOf(Math.max(...a)), pair = (v) => v.map((c) => number(c, 2)).join(", ");
      const beside = beside_of([...K, q].map(([a, b]) => [right.X(a), right.Y(b)]));
      divided.textContent = `÷ ${number(by, 2)}`;
      lines.replaceChildren(text(8, 10, "asks"), text(8, 254, "is looked at, with this weight"), ...words.flatMap((word, t) => [
        s("path", {d: `M${X(at)} 48C${X(at)} 130 ${X(t)} 130 ${X(t)} 200`, fill: "none", stroke: hidden(t) ? "var(--grid)" : "var(--blue)", "stroke-width": hidden(t) ? 1 : Math.max(0.5, 20 * a[t]), "stroke-dasharray": hidden(t) ? "3 3" : null, opacity: 0.75}),
        t === at ? s("rect", {x: X(t) - step / 2 + 1, y: 22, width: step - 2, height: 24, rx: 4, fill: "var(--orange)", opacity: 0.45}) : null,
        text(X(t), 38, word, {"text-anchor": "middle", "font-weight": t === at ? "bold" : "normal"}), text(X(t), 218, word, {"text-anchor": "middle", opacity: hidden(t) ? 0.65 : 1}),
        text(X(t), 236, hidden(t) ? "hidden" : a[t].toFixed(2), {"text-anchor": "middle"})]).filter(Boolean));
      const long = Math.hypot(...q) || 1, unit = q.map((v) => v / long), [ox, oy] = [right.X(0), right.Y(0)];
      arrow.replaceChildren(right.line([[-9 * unit[0], -9 * unit[1]], [9 * unit[0], 9 * unit[1]]], {stroke: "var(--red)", "stroke-width": 0.7}),
        s("line", {x1: ox, y1: oy, x2: right.X(q[0]), y2: right.Y(q[1]), stroke: "var(--red)", "stroke-width": 3}),
        ...words.flatMap((word, t) => { const along = score[t] / long, fill = hidden(t) ? "var(--grid)" : "var(--blue)"; return [
          right.line([K[t], unit.map((v) => v * along)], {stroke: fill, "stroke-width": 1, "stroke-dasharray": "2 3"}),
          right.dot(...K[t], {fill, r: hidden(t) ? 3 : 3 + 9 * Math.sqrt(a[t])}), text(...beside[t], word)]; }));
      body.replaceChildren(...words.map((word, t) => h("tr", {style: t === top ? "font-weight:bold" : null}, h("th", {scope: "row", style: "text-align:left;font-weight:inherit"}, word),
        [pair(K[t]), number(score[t], 2), hidden(t) ? "−∞" : number(score[t] / by, 2), a[t].toFixed(2), pair(V[t])].map((v) => h("td", {style: "text-align:right;padding:0 .3em;white-space:nowrap"}, v)))));
      over.setAttribute("aria-valuenow", at + 1);
      over.setAttribute("aria-valuetext", words[at]);
      say.textContent = `“${words[at]}” asks with ${turned[asks()] ? "your" : "its"} query (${pair(q)}) and looks most at “${words[top]}”, with ${a[top].toFixed(2)}. It gets y = ${a.map((v, t) => [v, t]).filter(([v]) => v >= 0.005).map(([v, t]) => `${v.toFixed(2)}·(${pair(V[t])})`).join(" + ")} = (${pair(y)}).`;
      grip.renew();
    };
    const ask = (t) => { at = Math.min(T - 1, Math.max(0, t)); renew(); };
    const pick = (event) => { const t = Math.floor((place(left, event)[0] - 8) / step); if (t !== at) ask(t); };
    over.addEventListener("pointermove", (event) => { if (event.buttons || event.pointerType === "mouse") pick(event); });
    over.addEventListener("pointerdown", (event) => { over.setPointerCapture(event.pointerId); pick(event); });
    over.addEventListener("keydown", (event) => {
      const way = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1}[event.key];
      if (way) { event.preventDefault(); ask(at + way); }
    });
    const grip = handle(right, "the query", 0.2, query, (...to) => { turned[asks()] = to; renew(); });
    right.svg.append(grip);
    const toggle = (label, options, change) => choice(label, options, options[0], (v) => { change(v === options[0]); renew(); });
    root.append(h("div", {class: "row"}, left, right.svg), say,
      controls(button("The word's own query", () => { delete turned[asks()]; renew(); }), choice("head", names, names[0], (name) => { head = names.indexOf(name); renew(); }), toggle("causal mask", ["on", "off"], (v) => { causal = v; }),
        toggle("scores divided by √d", ["yes", "no"], (v) => { scaled = v; }), slider("temperature", {min: -1, max: 1, step: 0.02, value: 0, to: (v) => 10 ** v}, (v) => { temperature = v; renew(); })),
      h("table", {style: "font-variant-numeric:tabular-nums;font-size:12px"}, h("thead", {}, h("tr", {}, ["word", "key k", "q · k", divided, "weight", "value v"].map((t) => (t === divided ? t : h("th", {scope: "col", style: "padding:0 .3em;text-align:right"}, t))))), body));
    renew();
  },
});
