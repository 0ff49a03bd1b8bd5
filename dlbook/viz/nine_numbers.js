dlbookViz.add("nine_numbers", {
  compute: {
    // given: x1 x2, w11 w12 b1, w21 w22 b2, w1 w2 b, y. Returned: z1 z2 a1 a2 z L.
    values([x1, x2, w11, w12, b1, w21, w22, b2, w1, w2, b, y]) {
      const z1 = w11 * x1 + w12 * x2 + b1, z2 = w21 * x1 + w22 * x2 + b2;
      const a1 = Math.max(z1, 0), a2 = Math.max(z2, 0), z = w1 * a1 + w2 * a2 + b;
      return [z1, z2, a1, a2, z, (z - y) ** 2];
    },
    // The gradient of L with respect to the twelve given, then to the six values.
    gradients(given) {
      const [x1, x2, w11, w12, , w21, w22, , w1, w2, , y] = given, [z1, z2, a1, a2, z] = this.values(given);
      const dz = 2 * (z - y), da1 = dz * w1, da2 = dz * w2, dz1 = z1 > 0 ? da1 : 0, dz2 = z2 > 0 ? da2 : 0;
      return [dz1 * w11 + dz2 * w21, dz1 * w12 + dz2 * w22, dz1 * x1, dz1 * x2, dz1, dz2 * x1, dz2 * x2, dz2,
        dz * a1, dz * a2, dz, -dz, dz1, dz2, da1, da2, dz, 1];
    },
  },
  draw(root, {given}, viz) {
    const {h, s, number, button, controls, scrub} = viz, compute = this.compute;
    const show = (x) => number(x, x * x < 1e4 ? 2 : 0), paren = (x) => show(x).replace(/^−.*/, "($&)");
    // Name, place, words. The first twelve are given.
    const cells = [
      ["x₁", 22, 78, "input x₁"], ["x₂", 22, 238, "input x₂"],
      ["w₁₁", 98, 78, "weight w₁₁, from x₁ to unit 1"], ["w₁₂", 66, 184, "weight w₁₂, from x₂ to unit 1"], ["b₁", 152, 24, "bias of unit 1"],
      ["w₂₁", 66, 132, "weight w₂₁, from x₁ to unit 2"], ["w₂₂", 98, 238, "weight w₂₂, from x₂ to unit 2"], ["b₂", 152, 292, "bias of unit 2"],
      ["w₁", 246, 118, "weight w₁, from unit 1 to the output"], ["w₂", 246, 198, "weight w₂, from unit 2 to the output"], ["b", 294, 94, "bias of the output"],
      ["y", 340, 222, "the answer y wanted"],
      ["z₁", 152, 78], ["z₂", 152, 238], ["a₁", 199, 78], ["a₂", 199, 238], ["z", 294, 158], ["L", 340, 158],
    ];
    const [X1, X2, W11, W12, B1, W21, W22, B2, W1, W2, B, Y, Z1, Z2, A1, A2, Z, L] = cells.map((_, k) => k);
    // An operation: what goes in and out, its formula; back: [whose gradient, its formula].
    // In formulas v(k) is value k, d(k) gradient k, in letters or numbers.
    const sum = (out, b, pairs, back) => ({ins: [...pairs.flat(), b], out,
      forward: (v) => pairs.map(([w, x]) => `${v(w)}·${v(x)}`).join(" + ") + ` + ${v(b)}`,
      back: [...pairs.map(([w, x]) => [w, (v, d) => `${d(out)}·${v(x)}`]), [b], ...back]});
    const relu = (z, a) => ({ins: [z], out: a, forward: (v) => `max(0, ${v(z)})`.replace("(−", "−").replace("))", ")"),
      back: [[z, (v, d, x) => `${d(a)}·${x ? +(x[z] > 0) : `(${v(z)} > 0)`}`]]});
    const both = (p, q) => (v, d) => `${d(Z1)}·${v(p)} + ${d(Z2)}·${v(q)}`;
    const rows = [
      sum(Z1, B1, [[W11, X1], [W12, X2]], [[X1, both(W11, W21)], [X2, both(W12, W22)]]),
      sum(Z2, B2, [[W21, X1], [W22, X2]], []), relu(Z1, A1), relu(Z2, A2),
      sum(Z, B, [[W1, A1], [W2, A2]], [[A1, (v, d) => `${d(Z)}·${v(W1)}`], [A2, (v, d) => `${d(Z)}·${v(W2)}`]]),
      {ins: [Z, Y], out: L, forward: (v) => `(${v(Z)} − ${v(Y)})²`,
        back: [[Z, (v) => `2·(${v(Z)} − ${v(Y)})`], [Y, (v) => `−2·(${v(Z)} − ${v(Y)})`]]},
    ];
    const ends = 2 * rows.length;
    let now = [...given], at = ends + 1, before = null, who = null;  // at: operations done; one more, and none is marked

    const svg = s("svg", {viewBox: "-6 0 374 316", role: "group", "aria-label": "the network: in each box a name, a value and the gradient of the loss"});
    const piece = ([, x, y], [, u, v]) => {  // from rim to rim
      const t = Math.min(19 / Math.abs(u - x), 22 / Math.abs(v - y)), [p, q] = [t * (u - x), t * (v - y)];
      return `M${x + p} ${y + q}L${u - p} ${v - q}`;
    };
    const edges = [[X1, W11, Z1], [X2, W12, Z1], [X1, W21, Z2], [X2, W22, Z2], [B1, Z1], [B2, Z2], [Z1, A1], [Z2, A2], [A1, W1, Z], [A2, W2, Z], [B, Z], [Z, L], [Y, L]]
      .map((stops) => {
        const path = s("path", {d: stops.slice(1).map((k, i) => piece(cells[stops[i]], cells[k])).join("")});
        svg.append(path);
        return {stops, path};
      });
    const inks = ["opacity: .75", "font-size: 13px; fill: var(--blue)", "font-size: 12px; fill: var(--red)"];
    const box = (x, y, free, texts) => {
      const size = {x: x - 19, y: y - 22, width: 38, height: 44, rx: free ? 3 : 14};
      const tint = s("rect", size), text = texts.map((t, i) => s("text", {x, y: y + [-11, 3, 16][i], "text-anchor": "middle", style: inks[i]}, t));
      return [s("g", {}, tint, ...text), tint, ...text];
    };
    const boxes = cells.map(([name, x, y, words], k) => {
      const [g, tint, , value, gradient] = box(x, y, k < 12, [name, "", ""]), grip = () => { before = [...now]; who = k; };
      if (k < 12) {
        g.addEventListener("focus", grip);
        scrub(g, words, 0.1, () => now[k], (x) => {
          if (who !== k) grip();
          now[k] = +x.toFixed(1);
          renew();
        });
      }
      svg.append(g);
      return {g, tint, value, gradient};
    });
    for (const y of [118, 206]) svg.append(s("text", {x: 175, y, "text-anchor": "middle"}, "ReLU"));
    ["name", "value", "gradient of L"].forEach((t, i) => svg.append(s("text", {x: 232, y: 275 + 15 * i, style: inks[i]}, t)));

    const table = h("table", {}, h("thead", {}, h("tr", {}, h("th", {scope: "col"}, "forward ↓"), h("th", {scope: "col"}, "back ↑"))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.cells = [h("td", {}), h("td", {})]))));
    const say = h("p", {class: "say", "aria-live": "polite"});

    function renew() {
      const v = [...now, ...compute.values(now)], d = compute.gradients(now);
      const old = before && [...before, ...compute.values(before)], oldD = before && compute.gradients(before);
      const changed = (a, b) => a.map((x, k) => !!b && Math.abs(x - b[k]) > 1e-9), [moves, movesD] = [changed(v, old), changed(d, oldD)];
      const bold = [0, 0], back = at > 6, row = rows[back ? ends - at : at - 1], colour = back ? "var(--red)" : "var(--blue)";
      const done = (i, way) => (way ? ends - i : i + 1) <= at;
      const known = (k) => k < 12 || done(rows.findIndex((r) => r.out === k), 0);
      const writes = !row ? [] : back ? row.back.map(([k]) => k) : [row.out], touched = row ? [...writes, row.out, ...(back ? [] : row.ins)] : [];
      boxes.forEach(({g, tint, value, gradient}, k) => {
        value.textContent = known(k) ? show(v[k]) : "";
        gradient.textContent = (k === L ? known(L) : rows.some((r, i) => done(i, 1) && r.back.some(([p]) => p === k))) ? show(d[k]) : "";
        [[value, moves], [gradient, movesD]].forEach(([text, m], i) => {
          const is = m[k] && text.textContent !== "";
          text.style.fontWeight = is ? "bold" : "";
          bold[i] += is;
        });
        const hot = writes.includes(k), warm = touched.includes(k);
        for (const [key, x] of [["fill", hot ? colour : "var(--ground)"], ["fill-opacity", hot ? 0.2 : 1], ["stroke", warm ? colour : "var(--grid)"], ["stroke-width", warm ? 2.2 : 1.2]])
          tint.setAttribute(key, x);
        g.renew?.();
      });
      edges.forEach(({stops: [from, ...to], path}) => {
        const hot = row?.out === to.at(-1), shut = (from === Z1 || from === Z2) && known(from) && v[from] <= 0;
        for (const [key, x] of [["stroke-dasharray", shut ? "1 4" : "none"], ["stroke", hot ? colour : "currentColor"], ["opacity", hot ? 1 : 0.45], ["stroke-width", hot ? 2 : 1.2]])
          path.setAttribute(key, x);
      });
      const name = (k) => cells[k][0], nameD = (k) => "d" + name(k), value = (k) => paren(v[k]), slope = (k) => paren(d[k]);
      rows.forEach((r, i) => {
        const f = r.forward, lines = r.back.map(([k, g = () => nameD(r.out)]) =>
          `${nameD(k)} = ` + (done(i, 1) ? `${g(value, slope, v)} = ${show(d[k])}` : g(name, nameD)));
        r.cells[0].replaceChildren(`${name(r.out)} = ` + (done(i, 0) ? `${f(value)} = ${show(v[r.out])}` : f(name)));
        r.cells[1].replaceChildren(...lines.map((t) => h("div", {}, t)));
        r.cells.forEach((cell, j) => {
          cell.className = [done(i, j) ? "" : "later", r === row && j === +back ? "now" : ""].join(" ");
        });
      });
      const step = who === null ? 0 : now[who] - before[who];
      say.textContent = Math.abs(step) > 1e-9
        ? `${name(who)} from ${show(before[who])} to ${show(now[who])}: the loss goes from ${show(old[L])} to ${show(v[L])}, by ${show(v[L] - old[L])}; ` +
          `the gradient ${show(oldD[who])} foretold ${show(oldD[who] * step)}.` +
          [Z1, Z2].map((k) => (v[k] > 0 === old[k] > 0 ? "" : ` On the way unit ${k - Z1 + 1} was switched ${v[k] > 0 ? "on" : "off"}.`)).join("") +
          ` Changed (bold): values ${bold[0]}, gradients ${bold[1]}.`
        : !at ? "Nothing is computed: press Next."
        : !row ? "Drag a number in a square box, or use the arrow keys."
        : back ? `Back: ${nameD(row.out)} = ${show(d[row.out])} is known, so are now ${writes.map(nameD).join(", ")}.`
        : `Forward: ${name(row.out)} = ${show(v[row.out])}.`;
    }
    const go = (k) => () => { at = k(); before = who = null; renew(); };
    viz.rules(`#${root.id} table { display: table; border-spacing:0; width: 100%; font-size: 12px; margin: 0; } #${root.id} th { text-align: left; }
#${root.id} td { width: 50%; padding: .2rem .3rem; vertical-align: top; text-align: left; border: 0; border-bottom: 1px solid var(--grid); }
#${root.id} td.later { opacity: .75; font-style: italic; } #${root.id} td.now { box-shadow: inset 3px 0 var(--red); background: var(--ground); }`);
    root.append(h("div", {class: "row"}, svg, h("div", {}, say, controls(button("Start", go(() => 0)), button("Previous", go(() => (at + ends + 1) % (ends + 2))),
      button("Next", go(() => (at + 1) % (ends + 2))), button("All", go(() => ends + 1)), button("Reset", () => { now = [...given]; go(() => at)(); })))), table);
    renew();
  },
});
