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
    const {h, s, number, fine, slider, controls} = viz, {naive, stable} = this.compute;
    let z = [...logits], T = 1, all = 0;
    const pictures = ["the formula as it stands", "the largest subtracted first"].map((title) => [s("svg", {viewBox: `0 0 300 ${30 + 34 * z.length}`, role: "img"}), title]), say = h("p", {class: "say", "aria-live": "polite"});
    const bars = (title, p) => [
      s("text", {x: 0, y: 14, "font-weight": "bold"}, title),
      p.map((v, k) => [
        s("text", {x: 0, y: 44 + 34 * k}, `class ${k}`),
        s("rect", {x: 50, y: 30 + 34 * k, width: 150 * (v || 0), height: 20, fill: viz.COLOURS[k]}),
        s("text", {x: 56 + 150 * (v || 0), y: 44 + 34 * k}, fine(v, 4)),
      ]),
    ].flat(3);
    function renew() {
      const given = z.map((a) => a + all), a = naive(given, T), b = stable(given, T);
      pictures.forEach(([svg, title], k) => {
        svg.setAttribute("aria-label", `${title}, for ${given.map((v) => number(v)).join(", ")} at temperature ${number(T)}: ${[a, b][k].map((v) => fine(v, 4)).join(", ")}`);
        svg.replaceChildren(...bars(title, [a, b][k]));
      });
      const worst = b.map(Math.log).reduce((x, y) => Math.max(x, -y), 0);
      say.textContent = a.some(Number.isNaN)
        ? "e to the logit has overflowed: infinity divided by infinity is not a number."
        : `Entropy ${number(-b.reduce((t, v) => t + (v ? v * Math.log(v) : 0), 0))}; largest loss ${number(worst)}.`;
    }
    root.append(h("div", {class: "row"}, pictures.map(([svg]) => svg)), say,
      controls(...z.map((v, k) => slider(`logit ${k}`, {min: -5, max: 5, step: 0.1, value: v}, (x) => { z[k] = x; renew(); }))),
      controls(
        slider("temperature", {min: -1, max: 1, step: 0.02, value: 0, to: (x) => 10 ** x}, (x) => { T = x; renew(); }),
        slider("added to every logit", {min: 0, max: 1000, step: 10, value: 0}, (x) => { all = x; renew(); })));
    renew();
  },
});
