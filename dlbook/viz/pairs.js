dlbookViz.add("pairs", {
  compute: {
    // The logits: of picture i and name j, directions in radians, the cosine between them over the temperature.
    logits: (a, b, T) => a.map((p) => b.map((q) => Math.cos(p - q) / T)),
    softmax(row) {
      const top = Math.max(...row), e = row.map((v) => Math.exp(v - top)), sum = e.reduce((s, v) => s + v, 0);
      return e.map((v) => v / sum);
    },
    across: (m) => m[0].map((_, j) => m.map((row) => row[j])),
    // Which name for each picture (rows), and which picture for each name (rows again).
    both(a, b, T) {
      const z = this.logits(a, b, T);
      return [z.map((r) => this.softmax(r)), this.across(z).map((r) => this.softmax(r))];
    },
    loss(a, b, T) {
      const z = this.logits(a, b, T), one = (m) => m.reduce((s, row, i) => {
        const top = Math.max(...row);
        return s + top + Math.log(row.reduce((t, v) => t + Math.exp(v - top), 0)) - row[i];
      }, 0) / m.length;
      return (one(z) + one(this.across(z))) / 2;
    },
    // dL by the direction of each picture and of each name.
    slopes(a, b, T) {
      const [P, Q] = this.both(a, b, T), N = a.length, da = a.map(() => 0), db = b.map(() => 0);
      for (let i = 0; i < N; i++) for (let j = 0; j < N; j++) {
        const g = ((P[i][j] + Q[j][i] - (i === j ? 2 : 0)) / (2 * N)) * (Math.sin(a[i] - b[j]) / T);
        da[i] -= g;
        db[j] += g;
      }
      return [da, db];
    },
  },
  draw(root, {names, pictures, words}, viz) {
    const {h, s, number, slider, button, controls, plot, handle, player, random} = viz, {compute} = this, N = names.length, turn = Math.PI / 180;
    let T = 0.1, deals = 0, both = [pictures, words].map((list) => list.map((d) => d * turn));
    const RING = [1.14, 0.86], R = 1.75, colour = (k) => viz.COLOURS[k % 6], at = (angle, r) => [r * Math.cos(angle), r * Math.sin(angle)];
    const p = plot({x: [-R, R], y: [-R, R], width: 320, height: 320, left: 0, bottom: 0, top: 0, right: 0, label: "directions of pictures and names"});
    p.svg.querySelectorAll(":scope > text, :scope > .grid").forEach((e) => e.remove());
    const table = s("svg", {viewBox: "0 0 320 320", role: "img"}), say = h("p", {class: "say", "aria-live": "polite"}), under = s("g", {});
    p.svg.insertBefore(under, p.svg.querySelector("defs").nextSibling);
    const grips = both.flatMap((_, w) => names.map((name, k) => {
      const grip = handle(p, `${w ? "name" : "picture"} ${name}`, 0.12, () => at(both[w][k], RING[w]),
        (x, y) => { both[w][k] = Math.atan2(y, x); renew(); });
      grip.style.cssText = w ? `fill: transparent; stroke: ${colour(k)}; stroke-width: 4` : `fill: ${colour(k)}`;
      return grip;
    }));
    p.svg.append(...grips);
    // Labels keep apart by a smallest angle, in their order around the ring.
    function apart(angles, gap) {
      const order = angles.map((a, k) => [Math.atan2(Math.sin(a), Math.cos(a)), k]).sort((a, b) => a[0] - b[0]);
      for (let round = 0; round < 60; round++) order.forEach((one, k) => {
        const next = order[(k + 1) % N], between = next[0] + (k + 1 === N ? 2 * Math.PI : 0) - one[0];
        if (between < gap) { one[0] -= (gap - between) / 2; next[0] += (gap - between) / 2; }
      });
      return order.sort((a, b) => a[1] - b[1]).map(([a]) => a);
    }
    const write = (w, r, gap) => apart(both[w], gap).map((angle, k) => {
      const [x, y] = at(angle, r);
      return s("text", {x: p.X(x), y: p.Y(y) + 4, "text-anchor": "middle", style: `fill: ${colour(k)}; font-weight: ${w ? "normal" : "bold"}`}, w ? `“${names[k]}”` : names[k]);
    });
    // Where a point is being turned to: an arc, as long as the slope, of at most 0.7 radians.
    function arrow(w, k, slope) {
      const way = Math.max(-0.7, Math.min(0.7, -0.6 * slope)), r = RING[w], end = both[w][k] + way;
      if (Math.abs(way) < 0.02) return [];
      const arc = Array.from({length: 12}, (_, i) => at(both[w][k] + (way * i) / 11, r)), tip = (angle, d) => at(angle, r + d).map((v, i) => (i ? p.Y(v) : p.X(v)).toFixed(1)).join(" ");
      const back = end - Math.sign(way) * 0.1;
      return [p.line(arc, {stroke: colour(k), "stroke-width": 2.5}), s("path", {d: `M${tip(end, 0)}L${tip(back, 0.07)}L${tip(back, -0.07)}Z`, fill: colour(k)})];
    }
    function step() {
      const d = compute.slopes(...both, T);
      both = both.map((angles, w) => angles.map((a, k) => a - 2 * T * d[w][k]));
      renew();
    }
    function renew() {
      const slopes = compute.slopes(...both, T), [P] = compute.both(...both, T), loss = compute.loss(...both, T);
      under.replaceChildren(...RING.map((r) => s("circle", {cx: p.X(0), cy: p.Y(0), r: p.X(r) - p.X(0), fill: "none", class: "grid"})));
      p.g.replaceChildren(...both.flatMap((angles, w) => angles.flatMap((_, k) => arrow(w, k, slopes[w][k]))), ...write(0, 1.47, 0.36), ...write(1, 0.55, 0.62));
      const size = 50, left = 62, top = 52;
      table.setAttribute("aria-label", names.map((name, i) => `picture ${name}: ${P[i].map((v) => Math.round(100 * v)).join(", ")} per cent`).join("; "));
      table.replaceChildren(s("text", {x: left + 2.5 * size, y: 14, "text-anchor": "middle", "font-weight": "bold"}, "which name? (per cent of each row)"),
        ...names.flatMap((name, i) => [
          s("text", {x: left + (i + 0.5) * size, y: 40, "text-anchor": "middle", style: `fill: ${colour(i)}`}, `“${name}”`),
          s("text", {x: left - 8, y: top + (i + 0.5) * size + 4, "text-anchor": "end", style: `fill: ${colour(i)}; font-weight: bold`}, name),
          ...P[i].flatMap((v, j) => [
            s("rect", {x: left + j * size + 1, y: top + i * size + 1, width: size - 2, height: size - 2, fill: "var(--blue)", "fill-opacity": (0.04 + 0.5 * v).toFixed(3), stroke: i === j ? "currentColor" : "none"}),
            s("text", {x: left + (j + 0.5) * size, y: top + (i + 0.5) * size + 4, "text-anchor": "middle"}, number(100 * v, 0))])]));
      const right = P.filter((row, i) => row.every((v, j) => j === i || v < row[i])).length, force = Math.max(...slopes.flat().map(Math.abs));
      say.textContent = `Loss ${number(loss, 3)} (guessing: ln ${N} = ${number(Math.log(N), 3)}). ${right} of ${N} pictures prefer their own name. ` +
        (force < 0.01 ? "Hardly anything is turned any more." : "Arrows: where each is being turned.");
      grips.forEach((grip) => grip.renew());
    }
    const train = player("Train", () => { const before = compute.loss(...both, T); step(); return Math.abs(before - compute.loss(...both, T)) > 1e-6; });
    const stopped = (f) => (...rest) => { train.stop(); f(...rest); };
    root.append(h("div", {class: "row"}, p.svg, table), say, controls(
      slider("temperature τ", {min: -1.5, max: 0.3, step: 0.1, value: -1, to: (v) => 10 ** v, show: (v) => number(v, 2)}, (v) => { T = v; renew(); }),
      button("Step", stopped(step)), train,
      button("As dealt", stopped(() => { both = [pictures, words].map((list) => list.map((d) => d * turn)); renew(); })),
      button("Deal anew", stopped(() => {
        const r = random(++deals);
        both = both.map((angles) => angles.map(() => 2 * Math.PI * r.uniform()));
        renew();
      }))));
    renew();
  },
});
