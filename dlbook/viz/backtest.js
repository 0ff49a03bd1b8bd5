dlbookViz.add("backtest", {
  compute: {
    // Of each rule, day by day from the sixth on: it weighs five days, the latest `last` days ago, and buys (1) or sells (-1).
    gains(change, rules, last) {
      return rules.map((w) => change.slice(5).map((now, t) => {
        let sum = 0;
        for (let k = 0; k < 5; k++) sum += w[k] * change[t + 5 - last - k];
        return sum > 0 ? now : -now;
      }));
    },
    // The gain of the days from `from` to `to`, over what chance makes of so many days.
    scores: (gains, from, to) => gains.map((g) => g.slice(from, to).reduce((s, v) => s + v, 0) / Math.sqrt(to - from)),
    best: (scores) => scores.reduce((top, v, k) => (v > scores[top] ? k : top), 0),
    curve(gain) {
      let sum = 0;
      return gain.map((v) => (sum += v));
    },
    bound: (K) => Math.sqrt(2 * Math.log(K)),
  },
  draw(root, {days, most}, viz) {
    const {h, number, slider, button, choice, controls, plot, random} = viz, {compute} = this, T = 2 * days, SEES = ["yesterday", "today"];
    const r = random(1), rules = Array.from({length: most}, () => Array.from({length: 5}, r.normal));
    let market = 1, K = 1, last = 1, gains = [], past = [], future = [], change = [];
    const say = h("p", {class: "say", "aria-live": "polite"}), row = h("div", {class: "row"});
    function deal() {
      const q = random(1000 + market);
      change = Array.from({length: T + 5}, q.normal);
      look();
    }
    function look() {
      gains = compute.gains(change, rules, last);
      past = compute.scores(gains, 0, days);
      future = compute.scores(gains, days, T);
      renew();
    }
    function renew() {
      const top = compute.best(past.slice(0, K)), curve = compute.curve(gains[top]), high = last ? 80 : 480, far = last ? 4.2 : 16;
      const p = plot({x: [0, T], y: [last ? -high : -80, high], width: 330, height: 250, right: 16, xlabel: "day", ylabel: "gain (per cent)", label: "gains of the rules tried, over two years"});
      for (let k = Math.min(K, 60) - 1; k >= 0; k--) p.g.append(p.line(compute.curve(gains[k]).map((v, t) => [t, v]), {stroke: "currentColor", "stroke-opacity": 0.18, "stroke-width": 1}));
      p.g.append(p.line([[days, -high], [days, high]], {stroke: "currentColor", "stroke-width": 1}),
        p.line(curve.slice(0, days + 1).map((v, t) => [t, v]), {stroke: "var(--blue)", "stroke-width": 3}),
        p.line(curve.slice(days).map((v, t) => [t + days, v]), {stroke: "var(--orange)", "stroke-width": 3, "stroke-dasharray": "6 4"}));
      const d = plot({x: [-far, far], y: [-far, far], width: 330, height: 250, right: 16, xlabel: "score in the first year", ylabel: "score in the second", label: "score in the first and in the second year, a point for each rule"});
      for (let k = 0; k < K; k++) d.g.append(d.dot(past[k], future[k], {r: 2, fill: "currentColor", "fill-opacity": 0.35}));
      d.g.append(d.dot(past[top], future[top], {r: 7, fill: "none", stroke: "var(--blue)", "stroke-width": 3}));
      row.replaceChildren(p.svg, d.svg);
      say.textContent = `Tried: ${K}. The best of the first year gained ${number(curve[days - 1], 0)} per cent, score ${number(past[top], 2)} ` +
        `(chance: at most ${number(compute.bound(K), 2)} in the mean); in the second year ${number(curve[T - 1] - curve[days - 1], 0)} per cent, score ${number(future[top], 2)}.` +
        (last ? "" : " These rules see the day on which they trade: both years shine.");
    }
    root.append(row, say, controls(
      slider("rules tried", {min: 0, max: 3, step: 0.1, value: 0, to: (v) => Math.round(10 ** v), show: (v) => number(v, 0)}, (v) => { K = Math.min(v, most); renew(); }),
      choice("the latest day seen", SEES, SEES[0], (v) => { last = 1 - SEES.indexOf(v); look(); }),
      button("Another market", () => { market += 1; deal(); })));
    deal();
  },
});
