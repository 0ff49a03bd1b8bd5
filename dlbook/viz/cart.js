dlbookViz.add("cart", {
  compute: {
    // A fiftieth of a second: s is place, speed, angle and turning, f the push in newtons.
    step([x, v, angle, turn], f) {
      const sin = Math.sin(angle), cos = Math.cos(angle), push = (f + 0.05 * turn * turn * sin) / 1.1;
      const dturn = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - (0.1 * cos * cos) / 1.1)), dv = push - (0.05 * dturn * cos) / 1.1;
      return [x + 0.02 * v, v + 0.02 * dv, angle + 0.02 * turn, turn + 0.02 * dturn];
    },
    // The chance of a push to the right: layers [W, b] with tanh between them, then the softmax of two.
    chance(layers, scale, s) {
      let a = s.map((v, k) => v / scale[k]);
      layers.forEach(([W, b], l) => {
        a = W.map((row, j) => row.reduce((sum, w, k) => sum + w * a[k], b[j]));
        if (l + 1 < layers.length) a = a.map(Math.tanh);
      });
      return 1 / (1 + Math.exp(a[0] - a[1]));
    },
    stands: ([x, , angle]) => Math.abs(x) < 2.4 && Math.abs(angle) < 0.2095,
  },
  draw(root, {layers, scale}, viz) {
    const {h, s, number, button, choice, controls, player, random} = viz, {compute} = this;
    const WHO = ["the policy", "chance", "you (arrow keys)"], r = random(3);
    let who = WHO[0], state, steps, last, kicks;
    const X = (x) => 200 + 75 * x, ground = 170, LONG = 110;
    const svg = s("svg", {viewBox: "0 0 400 200", tabindex: 0, role: "application", style: "max-width: 36rem",
      "aria-label": "cart with a pole; the arrow keys left and right push the pole, or drive where you drive"});
    const say = h("p", {class: "say", "aria-live": "polite"});
    function start() { [state, steps, last, kicks] = [Array.from({length: 4}, () => 0.1 * r.uniform() - 0.05), 0, 0, 0]; renew(); }
    // A thump against the pole: it turns faster by so many radians a second.
    function kick(way) { state[3] += 0.5 * way; kicks++; renew(); }
    function step() {
      if (!compute.stands(state)) return false;
      if (who === WHO[0]) last = compute.chance(layers, scale, state) > 0.5 ? 1 : -1;
      if (who === WHO[1]) last = r.uniform() < 0.5 ? 1 : -1;
      state = compute.step(state, 10 * last);
      steps++;
      renew(false);
      return compute.stands(state) && steps < 3000;
    }
    function renew(loud = true) {
      const [x, , angle] = state, cx = X(x), top = [cx + LONG * Math.sin(angle), ground - 30 - LONG * Math.cos(angle)];
      const edge = (place) => s("line", {x1: X(place), x2: X(place), y1: ground - 12, y2: ground + 6, stroke: "var(--red)", "stroke-width": 3});
      svg.replaceChildren(s("line", {x1: 0, x2: 400, y1: ground, y2: ground, stroke: "currentColor"}), edge(-2.4), edge(2.4),
        s("rect", {x: cx - 26, y: ground - 30, width: 52, height: 20, rx: 3, fill: "var(--blue)"}),
        ...[-15, 15].map((d) => s("circle", {cx: cx + d, cy: ground - 6, r: 6, fill: "none", stroke: "currentColor", "stroke-width": 2})),
        s("line", {x1: cx, y1: ground - 30, x2: top[0], y2: top[1], stroke: "var(--orange)", "stroke-width": 7, "stroke-linecap": "round"}),
        s("text", {x: 200, y: 192, "text-anchor": "middle"}, "the cart must stay between the two marks"),
        last ? s("path", {d: `M${cx + 34 * last} ${ground - 20}l${16 * last} 0m0 -6l${9 * last} 6l${-9 * last} 6`, fill: "none", stroke: "currentColor", "stroke-width": 2}) : "");
      const degrees = (180 / Math.PI) * angle, state_of = compute.stands(state) ? (steps >= 3000 ? "A minute: enough." : steps ? "Standing" : "Ready") : Math.abs(x) >= 2.4 ? "Off the track" : "Fallen";
      // Whoever listens is told five times a second, not fifty.
      if (steps % 10 === 0 || !compute.stands(state) || loud) say.textContent = `${state_of} after ${number(0.02 * steps, 1)} s (${steps} steps), ${kicks} thump${kicks === 1 ? "" : "s"}. Place ${number(x, 2)} m, pole ${number(degrees, 1)}° of 12°.`;
    }
    const play = player("Play", step, 20, () => { if (!compute.stands(state) || steps >= 3000) start(); });
    svg.addEventListener("keydown", (event) => {
      const way = {ArrowLeft: -1, ArrowRight: 1}[event.key];
      if (!way) return;
      event.preventDefault();
      if (who !== WHO[2]) return kick(way);
      last = way;
      renew();
    });
    root.append(svg, say, controls(play,
      button("Thump left", () => kick(-1)), button("Thump right", () => kick(1)),
      choice("plays", WHO, who, (v) => { play.stop(); who = v; start(); }),
      button("Start anew", () => { play.stop(); start(); })));
    start();
  },
});
