dlbookViz.add("queue", {
  compute: {
    // When each request is answered, and with how many; -1 and 0 if it was refused. What comes at `at` waits, and up to
    // `most` that wait are answered together, in fixed + each · (their number). More than `room` do not wait.
    served(at, most, fixed, each, room) {
      const done = at.map(() => -1), sizes = at.map(() => 0), waiting = [];
      let free = 0, k = 0;
      while (k < at.length || waiting.length) {
        const begin = Math.max(free, waiting.length ? at[waiting[0]] : at[k]);
        for (; k < at.length && at[k] <= begin; k++) if (waiting.length < room) waiting.push(k);
        const batch = waiting.splice(0, most);
        free = begin + fixed + each * batch.length;
        for (const i of batch) { done[i] = free; sizes[i] = batch.length; }
      }
      return [done, sizes];
    },
    // How many are in the house at time t: have come, were let in, are not answered.
    inside: (at, done, t) => at.filter((a, i) => a <= t && t < done[i]).length,
    // The smallest value that at least a share q of all reach or stay below.
    percentile(values, q) {
      const sorted = [...values].sort((a, b) => a - b);
      return sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)];
    },
    capacity: (most, fixed, each) => most / (fixed + each * most),
  },
  draw(root, {rate, most, fixed, each, room, seconds}, viz) {
    const {h, s, number, slider, button, controls, plot, random} = viz, {compute} = this, T = 1000 * seconds;
    const now = {rate, most, fixed, each, room};
    const width = root.clientWidth && root.clientWidth < 480 ? 340 : 640;  // letters stay as large on a phone
    let day = 1;
    const gaps = () => { const r = random(day); return Array.from({length: 4000}, () => -Math.log(1 - r.uniform())); };
    let unit = gaps();
    const say = h("p", {class: "say", "aria-live": "polite"}), above = h("div", {}), below = h("div", {});
    function renew() {
      const at = [];
      for (let t = 0, k = 0; k < unit.length && (t += (1000 * unit[k]) / now.rate) < T; k++) at.push(t);
      const [done, sizes] = compute.served(at, now.most, now.fixed, now.each, now.room);
      const took = at.map((a, i) => done[i] - a), kept = took.filter((v) => v > 0);
      const [p50, p99] = [0.5, 0.99].map((q) => compute.percentile(kept, q)), top = Math.max(20, ...kept) * 1.08;
      const one = plot({width, height: 230, left: 56, x: [0, seconds], y: [0, top], xlabel: "time of arrival (s)", ylabel: "answered after (ms)", label: "how long each request took, over the time at which it came"});
      const X = (i) => one.X(at[i] / 1000).toFixed(1), all = at.map((_, i) => i);  // a path each: small where it is printed
      one.g.append(
        s("path", {d: all.filter((i) => took[i] > 0).map((i) => `M${X(i)} ${one.Y(took[i]).toFixed(1)}h0`).join(""), fill: "none", stroke: "var(--blue)", "stroke-width": 5, "stroke-linecap": "round"}),
        s("path", {d: all.filter((i) => took[i] < 0).map((i) => `M${X(i)} ${(one.Y(top) + 4).toFixed(1)}m-4 0l8 8m0 -8l-8 8`).join(""), fill: "none", stroke: "var(--red)", "stroke-width": 2}),
        one.line([[0, p50], [seconds, p50]], {stroke: "var(--green)"}), one.line([[0, p99], [seconds, p99]], {stroke: "var(--orange)", "stroke-dasharray": "7 4"}));
      const N = 400, line = Array.from({length: N}, (_, k) => [((k + 0.5) * seconds) / N, 0]);
      for (const point of line) point[1] = compute.inside(at, done, 1000 * point[0]);
      const two = plot({width, height: 150, left: 56, x: [0, seconds], y: [0, Math.max(5, ...line.map((q) => q[1])) * 1.08], xlabel: "time (s)", ylabel: "in the house", label: "how many requests wait or are being answered, over time"});
      two.g.append(two.line(line, {stroke: "var(--purple)"}));
      above.replaceChildren(one.svg);
      below.replaceChildren(two.svg);
      const limit = 1000 * compute.capacity(now.most, now.fixed, now.each), refused = at.length - kept.length;
      const mean = sizes.reduce((a, b) => a + b, 0) / kept.length;
      say.textContent = `${at.length} requests in ${seconds} s; full batches could answer ${number(limit, 0)} a second` +
        `${now.rate >= limit ? ", fewer than come" : ""}. Half are answered within ${number(p50, 0)} ms (line), 99 of 100 within ${number(p99, 0)} ms (dashed). ` +
        `The mean request was one of ${number(mean, 1)} answered together; ${refused ? `${refused} were refused (crosses)` : "none was refused"}.`;
    }
    const set = (key) => (v) => { now[key] = v; renew(); };
    const log = (label, key, low, high, unit = "") => slider(label, {min: low, max: high, step: 1, value: Math.log2(now[key]), to: (x) => 2 ** x, show: (v) => `${v}${unit}`}, set(key));
    root.append(say, above, below, controls(
      slider("requests a second", {min: 10, max: 400, step: 10, value: rate}, set("rate")),
      log("batches of at most", "most", 0, 6), log("room for", "room", 1, 9),
      slider("a batch costs (ms)", {min: 0, max: 20, step: 1, value: fixed}, set("fixed")),
      slider("and each in it (ms)", {min: 0.5, max: 8, step: 0.5, value: each}, set("each")),
      button("Another day", () => { day++; unit = gaps(); renew(); })));
    renew();
  },
});
