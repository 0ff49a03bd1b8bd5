dlbookViz.add("fairness", {
  compute: {
    // How many of a group have each score, (k + 0.5) / N: a beta density with mean p; of those with score s, the share s has it.
    people(p, N) {
      const w = Array.from({length: N}, (_, k) => ((k + 0.5) / N) ** (4 * p - 1) * (1 - (k + 0.5) / N) ** (4 * (1 - p) - 1)), sum = w.reduce((a, b) => a + b, 0);
      return w.map((v) => v / sum);
    },
    // Share selected, TPR, FPR, PPV, and the base rate; a threshold within a bar selects a part of it.
    rates(w, t) {
      const N = w.length;
      let base = 0, all = 0, have = 0;
      w.forEach((v, k) => {
        const s = (k + 0.5) / N, part = v * Math.max(0, Math.min(1, k + 1 - t * N));
        base += v * s;
        all += part;
        have += part * s;
      });
      return [all, have / base, (all - have) / (1 - base), all > 1e-12 ? have / all : NaN, base];
    },
    // The threshold at which rate number `which` is `want`, or is nearest to it: halving.
    match(w, which, want) {
      let low = 0, high = 1 - 1e-9;
      const rises = which === 3;
      for (let k = 0; k < 50; k++) {
        const t = (low + high) / 2, v = this.rates(w, t)[which];
        if (v < want === rises) low = t; else high = t;
      }
      return (low + high) / 2;
    },
  },
  draw(root, {bases, thresholds, bars: N}, viz) {
    const {h, s, number, slider, button, controls, plot, handle} = viz, {compute} = this, NAMES = ["A", "B"], RATES = ["selected", "TPR", "FPR", "PPV"];
    const WHAT = ["of all", "selected, of those who have it", "selected, of those who have it not", "have it, of the selected"];
    let p = [...bases], t = [...thresholds], w = p.map((v) => compute.people(v, N)), together = false;
    const per = (v) => `${number(100 * v, 0)} %`;
    const plots = NAMES.map((name) => plot({x: [0, 1], y: [0, 0.16], width: 330, height: 165, left: 34, right: 10, bottom: 36, xlabel: `score of group ${name}`, ylabel: ""}));
    const grips = plots.map((q, g) => {
      const grip = handle(q, `threshold of group ${NAMES[g]}`, 0.01, () => [t[g], 0.135], (a) => { move(g, Math.round(100 * a) / 100); });
      q.svg.append(grip);
      return grip;
    });
    const table = s("svg", {viewBox: "0 0 330 330", role: "img"}), say = h("p", {class: "say", "aria-live": "polite"});
    function move(g, value) {
      t[g] = value;
      if (together) t[1 - g] = value;
      renew();
    }
    function renew() {
      const found = w.map((each, g) => compute.rates(each, t[g]));
      plots.forEach((q, g) => {
        q.clear();
        w[g].forEach((v, k) => {
          const a = k / N, width = q.X(1 / N) - q.X(0) - 1, share = (k + 0.5) / N, part = Math.max(0, Math.min(1, k + 1 - t[g] * N));
          const bar = (from, to, colour) => [[0, 1 - part, 0.3], [1 - part, 1, 1]].forEach(([left, right, opacity]) => {
            if (right > left) q.g.append(s("rect", {x: q.X(a) + 0.5 + left * width, y: q.Y(to), width: (right - left) * width, height: q.Y(from) - q.Y(to), fill: colour, opacity: colour === "currentColor" ? 0.5 * opacity : opacity}));
          });
          bar(0, v * share, "var(--green)");
          bar(v * share, v, "currentColor");
        });
        q.g.append(q.line([[t[g], 0], [t[g], 0.16]], {stroke: "var(--red)", "stroke-width": 2}));
        q.svg.setAttribute("aria-label", `group ${NAMES[g]}: ${per(found[g][4])} have it, threshold ${number(t[g], 2)}`);
        grips[g].renew();
      });
      const near = (k) => Math.abs(found[0][k] - found[1][k]) < 0.005, X = (v) => 92 + 180 * v;
      table.setAttribute("aria-label", RATES.map((name, k) => `${name}: A ${per(found[0][k])}, B ${per(found[1][k])}`).join("; "));
      table.replaceChildren(
        s("text", {x: 0, y: 14, "font-weight": "bold"}, `have it: A ${per(found[0][4])}, B ${per(found[1][4])}`),
        ...RATES.flatMap((name, k) => {
          const y = 44 + 72 * k;
          return [
            s("text", {x: 0, y, "font-weight": "bold"}, name), s("text", {x: 60, y}, WHAT[k]),
            s("text", {x: 326, y, "text-anchor": "end", style: `fill: ${near(k) ? "var(--green)" : "var(--red)"}`}, near(k) ? "equal ✓" : "✗"),
            ...found.flatMap((row, g) => [
              s("text", {x: 60, y: y + 19 + 18 * g}, NAMES[g]),
              s("rect", {x: X(0), y: y + 8 + 18 * g, width: Math.max(1, 180 * (row[k] || 0)), height: 13, fill: viz.COLOURS[g]}),
              s("text", {x: X(row[k] || 0) + 5, y: y + 19 + 18 * g}, Number.isNaN(row[k]) ? "nobody selected" : per(row[k]))])];
        }));
      const equal = RATES.filter((_, k) => near(k)), other = RATES.filter((_, k) => !near(k));
      say.textContent = `Thresholds A ${number(t[0], 2)}, B ${number(t[1], 2)}. Equal: ${equal.join(", ") || "nothing"}.` + (other.length ? ` Not equal: ${other.join(", ")}.` : "");
    }
    const base = (g) => slider(`${NAMES[g]}: have it`, {min: 0.2, max: 0.7, step: 0.05, value: p[g], show: (v) => per(v)}, (v) => { p[g] = v; w[g] = compute.people(v, N); renew(); });
    const tie = h("input", {type: "checkbox", onchange: () => { together = tie.checked; move(0, t[0]); }});
    root.append(h("div", {class: "row"}, h("div", {}, plots[0].svg, plots[1].svg), table), say, controls(
      ...RATES.map((name, k) => button(`Equal ${name}`, () => {
        together = tie.checked = false;
        t[1] = compute.match(w[1], k, compute.rates(w[0], t[0])[k]);
        renew();
      })),
      h("label", {}, tie, h("span", {}, "one threshold for both")), base(0), base(1)));
    renew();
  },
});
