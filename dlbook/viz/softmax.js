dlbookViz.add("softmax", {
  compute: {
    // As the formula stands: overflows. Both return the probabilities.
    naive(z, T) {
      const e = z.map((a) => Math.exp(a / T)), total = e.reduce((a, b) => a + b, 0);
      return e.map((a) => a / total);
    },
    stable(z, T) {
      const m = Math.max(...z.map((a) => a / T));
      const e = z.map((a) => Math.exp(a / T - m)), total = e.reduce((a, b) => a + b, 0);
      return e.map((a) => a / total);
    },
  },
  draw(root, {logits}, viz) {
    const {h, s, number, slider, controls} = viz, {naive, stable} = this.compute;
    let z = [...logits], T = 1, all = 0;
    const svg = s("svg", {viewBox: "0 0 600 190", role: "img"}), say = h("p", {class: "say", "aria-live": "polite"});
    const bars = (x, title, p) => [
      s("text", {x, y: 14, "font-weight": "bold"}, title),
      p.map((v, k) => [
        s("text", {x, y: 44 + 34 * k}, `class ${k}`),
        s("rect", {x: x + 50, y: 30 + 34 * k, width: 150 * (v || 0), height: 20, fill: viz.COLOURS[k]}),
        s("text", {x: x + 56 + 150 * (v || 0), y: 44 + 34 * k}, number(v, 4)),
      ]),
    ].flat(3);
    function renew() {
      const given = z.map((a) => a + all), a = naive(given, T), b = stable(given, T);
      svg.setAttribute("aria-label", `softmax of ${given.join(", ")} at temperature ${number(T)}: ${b.map((v) => number(v, 4)).join(", ")}`);
      svg.replaceChildren(...bars(0, "the formula as it stands", a), ...bars(310, "the largest subtracted first", b));
      const worst = b.map(Math.log).reduce((x, y) => Math.max(x, -y), 0);
      say.textContent = a.some(Number.isNaN)
        ? "e to the logit has overflowed: infinity divided by infinity is not a number."
        : `Entropy ${number(-b.reduce((t, v) => t + (v ? v * Math.log(v) : 0), 0))}; largest loss ${number(worst)}.`;
    }
    root.append(svg, say,
      controls(...z.map((v, k) => slider(`logit ${k}`, {min: -5, max: 5, step: 0.1, value: v}, (x) => { z[k] = x; renew(); }))),
      controls(
        slider("temperature", {min: -1, max: 1, step: 0.02, value: 0, to: (x) => 10 ** x}, (x) => { T = x; renew(); }),
        slider("added to every logit", {min: 0, max: 1000, step: 10, value: 0}, (x) => { all = x; renew(); })));
    renew();
  },
});
