dlbookViz.add("grid", {
  compute: {
    // Where up, right, down and left lead from each cell; a wall (#) and the edge leave you where you are.
    moves(rows) {
      const H = rows.length, W = rows[0].length;
      return Array.from({length: H * W}, (_, s) => [[-1, 0], [0, 1], [1, 0], [0, -1]].map(([down, right]) => {
        const i = Math.floor(s / W) + down, j = (s % W) + right;
        return i >= 0 && i < H && j >= 0 && j < W && rows[i][j] !== "#" ? i * W + j : s;
      }));
    },
    // What arriving pays: the reward, and the discounted value unless the try ends there.
    arrive: (mark, value, discount) => (mark === "G" ? 1 : mark === "X" ? -1 : discount * value),
    live: (rows) => [...rows.join("")].map((mark) => !"#GX".includes(mark)),
    // Q(s, a): as meant, or slipped to one of the two sides.
    q(rows, V, slip, discount) {
      const marks = rows.join("");
      return this.moves(rows).map((to) => {
        const pays = to.map((s) => this.arrive(marks[s], V[s], discount));
        return pays.map((v, a) => (1 - slip) * v + (slip / 2) * (pays[(a + 1) % 4] + pays[(a + 3) % 4]));
      });
    },
    sweep(rows, V, slip, discount) {
      const live = this.live(rows);
      return this.q(rows, V, slip, discount).map((q, s) => (live[s] ? Math.max(...q) : 0));
    },
    greedy: (Q) => Q.map((q) => q.indexOf(Math.max(...q))),
  },
  draw(root, {rows: drawn, slip: first, discount}, viz) {
    const {h, s, number, slider, button, choice, controls, player, place, random} = viz, {compute} = this, ARROWS = ["up", "right", "down", "left"];
    const H = drawn.length, W = drawn[0].length, size = 46, N = H * W, r = random(1);
    let rows, V, Q, visits, sweeps, steps, tries, at, truth, change, slip = first, pace = 1, put = "wall", shown = "sweeps", cursor = 0, told = "";
    const svg = s("svg", {viewBox: `0 0 ${W * size + 4} ${H * size + 4}`, tabindex: 0, role: "application", style: "max-width: 32rem; cursor: pointer"});
    const say = h("p", {class: "say", "aria-live": "polite"});
    const marks = () => rows.join("");
    const forget = () => { [V, Q, visits] = [Array(N).fill(0), ...[0, 1].map(() => Array.from({length: N}, () => [0, 0, 0, 0]))]; [sweeps, steps, tries, at, change] = [0, 0, 0, null, null]; };
    function solve() {
      truth = Array(N).fill(0);
      for (let k = 0; k < 600; k++) truth = compute.sweep(rows, truth, slip, discount);
    }
    function mark(cell, sign) {
      const i = Math.floor(cell / W), j = cell % W;
      rows = rows.map((row, k) => (k === i ? row.slice(0, j) + sign + row.slice(j + 1) : row));
    }
    function change_cell(cell) {
      const now = marks()[cell];
      if (now === "G") return;
      if (put === "goal") { mark(marks().indexOf("G"), "."); mark(cell, "G"); }
      else mark(cell, now === {wall: "#", pit: "X"}[put] ? "." : {wall: "#", pit: "X"}[put]);
      V[cell] = 0;
      Q[cell] = [0, 0, 0, 0];
      at = null;
      sweeps = 0;
      solve();
      told = "";
      renew();
    }
    function sweep() {
      const next = compute.sweep(rows, V, slip, discount);
      change = Math.max(...next.map((v, k) => Math.abs(v - V[k])));
      [V, shown] = [next, "sweeps"];
      sweeps++;
      renew();
      return change > 1e-4;
    }
    // One move at random, and what it teaches: Q moves towards the target, by less and less.
    function move(to, live) {
      if (at === null) {
        const places = live.flatMap((free, k) => (free ? [k] : []));
        at = places[Math.floor(r.uniform() * places.length)];
        tries++;
      }
      const a = Math.floor(4 * r.uniform()), u = r.uniform(), b = u < 1 - slip ? a : (a + (u < 1 - slip / 2 ? 1 : 3)) % 4, next = to[at][b];
      visits[at][a]++;
      Q[at][a] += (compute.arrive(marks()[next], Math.max(...Q[next]), discount) - Q[at][a]) / visits[at][a] ** 0.6;
      at = live[next] ? next : null;
      steps++;
    }
    function walk() {
      const to = compute.moves(rows), live = compute.live(rows);
      for (let k = 0; k < (viz.still ? 2000 : pace); k++) move(to, live);
      shown = "walk";
      renew();
      return steps % 1e5 > 0 && steps < 1e5;
    }
    function arrow(x, y, a, d = 7) {
      const g = s("path", {d: `M0 ${-d}L${0.7 * d} ${0.6 * d}L0 ${0.25 * d}L${-0.7 * d} ${0.6 * d}Z`, fill: "currentColor", transform: `translate(${x} ${y}) rotate(${90 * a})`});
      return g;
    }
    function renew() {
      const live = compute.live(rows), table = shown === "sweeps" ? compute.q(rows, V, slip, discount) : Q, best = compute.greedy(table), signs = marks();
      const known = (k) => table[k].some((q) => q !== table[k][0]);
      const value = shown === "sweeps" ? V : Q.map((q) => Math.max(...q)), right = compute.greedy(compute.q(rows, truth, slip, discount));
      svg.replaceChildren(...Array.from({length: N}, (_, k) => {
        const x = 2 + (k % W) * size, y = 2 + Math.floor(k / W) * size, v = value[k], sign = signs[k], all = s("g", {});
        const fill = sign === "#" ? "currentColor" : sign === "G" || v > 0 ? "var(--blue)" : "var(--orange)";
        const solid = sign === "#" ? 0.55 : "GX".includes(sign) ? 0.6 : 0.5 * Math.min(1, Math.abs(v));
        all.append(s("rect", {x, y, width: size - 2, height: size - 2, fill, "fill-opacity": solid.toFixed(3), stroke: "var(--grid)"}));
        if ("GX".includes(sign)) all.append(s("text", {x: x + size / 2 - 1, y: y + 27, "text-anchor": "middle", "font-weight": "bold"}, sign === "G" ? "goal" : "pit"));
        if (live[k]) {
          all.append(s("text", {x: x + size / 2 - 1, y: y + 14, "text-anchor": "middle"}, number(v, 2)));
          if (known(k)) all.append(arrow(x + size / 2 - 1, y + 30, best[k]));
        }
        return all;
      }), at === null || shown === "sweeps" ? "" : s("circle", {cx: 2 + (at % W) * size + size - 10, cy: 2 + Math.floor(at / W) * size + 34, r: 6, fill: "var(--red)", stroke: "currentColor"}),
      s("rect", {x: 2 + (cursor % W) * size + 1, y: 2 + Math.floor(cursor / W) * size + 1, width: size - 4, height: size - 4, fill: "none", stroke: "var(--red)", "stroke-width": 2, "stroke-dasharray": "4 3"}));
      const count = live.filter(Boolean).length, same = live.filter((free, k) => free && known(k) && best[k] === right[k]).length;
      const off = Math.max(...live.map((free, k) => (free ? Math.abs(value[k] - truth[k]) : 0)));
      svg.setAttribute("aria-label", `world of ${H} rows and ${W} columns; arrow keys move a frame, the space bar puts or takes a ${put}`);
      say.textContent = told + (shown === "sweeps" ? `Value iteration, ${sweeps} sweep${sweeps === 1 ? "" : "s"}` + (change === null ? ". " : `, the last changed a value by up to ${number(change, 4)}. `)
        : `Q-learning, ${steps} random moves in ${tries} tries. `) + `Largest error ${number(off, 2)}; best move right in ${same} of ${count} cells.`;
    }
    svg.addEventListener("click", (event) => {
      const [x, y] = place(svg, event), i = Math.floor((y - 2) / size), j = Math.floor((x - 2) / size);
      if (i < 0 || j < 0 || i >= H || j >= W) return;
      cursor = i * W + j;
      change_cell(cursor);
    });
    svg.addEventListener("keydown", (event) => {
      const way = {ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowDown: [1, 0], ArrowLeft: [0, -1]}[event.key];
      if (!way && event.key !== " ") return;
      event.preventDefault();
      if (way) {
        const i = Math.max(0, Math.min(H - 1, Math.floor(cursor / W) + way[0])), j = Math.max(0, Math.min(W - 1, (cursor % W) + way[1]));
        cursor = i * W + j;
        const sign = marks()[cursor], name = {"#": "wall", G: "goal", X: "pit"}[sign];
        told = `Row ${i + 1}, column ${j + 1}: ${name ?? `value ${number(shown === "sweeps" ? V[cursor] : Math.max(...Q[cursor]), 2)}, best ${ARROWS[compute.greedy(shown === "sweeps" ? compute.q(rows, V, slip, discount) : Q)[cursor]]}`}. `;
        renew();
      } else change_cell(cursor);
    });
    const on = player("Sweep on", sweep, 150), walking = player("Walk", walk, 40);
    const alone = (f) => () => { on.stop(); walking.stop(); told = ""; f(); };
    on.addEventListener("click", () => walking.stop());
    walking.addEventListener("click", () => on.stop());
    function start() { rows = [...drawn]; forget(); solve(); cursor = 0; renew(); }
    root.append(svg, say, controls(
      button("Sweep", alone(sweep)), on, walking,
      slider("moves a picture", {min: 0, max: 3, step: 0.5, value: 0, to: (v) => Math.round(10 ** v), show: (v) => number(v, 0)}, (v) => { pace = v; }),
      slider("slips", {min: 0, max: 0.4, step: 0.05, value: slip, show: (v) => `${number(100 * v, 0)} %`}, (v) => { slip = v; solve(); renew(); }),
      choice("put", ["wall", "pit", "goal"], put, (v) => { put = v; renew(); }),
      button("Forget", alone(() => { forget(); renew(); })), button("As drawn", alone(start))));
    start();
  },
});
