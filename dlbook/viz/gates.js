dlbookViz.add("gates", {
  compute: {
    // Of each character: is it a quotation mark, (, ), a letter, no letter?
    features: (text) => [...text].map((ch) => [/["“”]/.test(ch), ch === "(", ch === ")", /\p{L}/u.test(ch), !/\p{L}/u.test(ch)].map(Number)),
    // x (T, D), rows of the weights i, f, g, o -> (T, 6, H): the gates i, f, g, o, then c and h
    lstm(x, Wi, Wh, b) {
      const H = b.length / 4, sigma = (v) => 1 / (1 + Math.exp(-v)), dot = (w, v) => w.reduce((t, a, j) => t + a * v[j], 0);
      let h = Array(H).fill(0), c = h;
      return x.map((row) => {
        const z = b.map((v, k) => v + dot(Wi[k], row) + dot(Wh[k], h)), gate = (k, f) => z.slice(k * H, (k + 1) * H).map(f);
        const [i, f, g, o] = [gate(0, sigma), gate(1, sigma), gate(2, Math.tanh), gate(3, sigma)];
        c = c.map((v, k) => f[k] * v + i[k] * g[k]);
        h = c.map((v, k) => o[k] * Math.tanh(v));
        return [i, f, g, o, c, h];
      });
    },
  },
  draw(root, {text, units, weights}, viz) {
    const {h, s, number, slider, controls, place, player} = viz, [Wi, Wh, b] = weights, LEFT = 16, WIDE = 340;
    let characters = [...text], steps = [], at = Math.min(9, characters.length - 1);
    const say = h("p", {class: "say", "aria-live": "polite"}), body = h("tbody", {}), box = h("input", {type: "text", maxlength: 40, value: text, style: "font:inherit;color:inherit;background:transparent;border:1px solid currentColor;border-radius:5px;padding:.2rem .5rem;width:100%;font-family:monospace",
      oninput: () => { run.stop(); read(); at = characters.length - 1; walk.set(at + 1); renew(); }});
    const half = Math.ceil(units.length / 2), words = (x, y, t, more) => s("text", {x, y, ...more}, t), step = () => WIDE / Math.max(24, characters.length);
    const sheets = [units.slice(0, half), units.slice(half)].map((some, part) => {
      const svg = s("svg", {viewBox: "0 0 360 232", role: "img", "aria-label": `cell and gates at each character: ${some.join("; ")}`});
      const g = s("g", {}), over = s("rect", {x: 0, y: 0, width: 360, height: 232, fill: "transparent", "data-drag": part === 0, style: "touch-action:pan-y;cursor:pointer"});
      over.addEventListener("pointerdown", (event) => pick(svg, event));
      over.addEventListener("pointermove", (event) => { if (event.buttons || event.pointerType === "mouse") pick(svg, event); });
      svg.append(g, over);
      return {svg, g, some, first: part * half};
    });
    // Equal values beside each other: [value, from, to]; nothing where it is 0
    const runs = (list) => list.reduce((all, v, t) => { if (all.at(-1)?.[0] === v) all.at(-1)[2]++; else all.push([v, t, t + 1]); return all; }, []).filter(([v]) => +v);
    const read = () => {
      characters = [...box.value];
      steps = this.compute.lstm(this.compute.features(box.value), Wi, Wh, b);
      const input = walk.querySelector("input");
      input.max = Math.max(1, characters.length);
    };
    function renew() {
      const w = step(), X = (t) => LEFT + t * w;
      for (const {g: into, some, first} of sheets) {
        into.replaceChildren(s("rect", {x: X(at), y: 2, width: w, height: 226, fill: "var(--orange)", opacity: 0.3}),
          words(characters.map((_, t) => (X(t + 0.5)).toFixed(1)).join(" "), 14, characters.map((ch) => (ch === " " ? "·" : ch)).join(""), {"text-anchor": "middle", style: "font-family:monospace;font-size:12px"}),
          ...some.flatMap((name, n) => {
            const k = first + n, y = 24 + 106 * n, cells = steps.map((r) => r[4][k]), low = Math.min(0, ...cells), top = Math.max(1, ...cells), Y = (v) => y + 52 - 34 * (v - low) / (top - low);
            return [words(0, y + 10, name, {"font-weight": "bold"}), k ? null : words(356, y + 10, "i lets in, f keeps, o shows", {"text-anchor": "end"}), words(0, y + 48, "c"),
              s("line", {x1: LEFT, x2: X(characters.length), y1: Y(0), y2: Y(0), class: "grid"}),
              s("path", {d: cells.map((v, t) => `M${(X(t) + 0.5).toFixed(1)} ${Y(0).toFixed(1)}V${Y(v).toFixed(1)}h${(w - 1).toFixed(1)}V${Y(0).toFixed(1)}z`).join(""), fill: "var(--blue)"}),
              ...[["i", 0, "--green"], ["f", 1, "--purple"], ["o", 3, "--orange"]].flatMap(([letter, g, color], line) => [words(0, y + 65 + 13 * line, letter),
                s("rect", {x: LEFT, y: y + 56 + 13 * line, width: w * characters.length, height: 10, fill: "none", class: "grid"}),
                ...runs(steps.map((r) => r[g][k].toFixed(2))).map(([v, from, to]) => s("rect", {x: X(from), y: y + 56 + 13 * line, width: w * (to - from), height: 10, fill: `var(${color})`, "fill-opacity": v}))])];
          }).filter(Boolean));
      }
      body.replaceChildren(...units.map((name, k) => {
        const now = steps[at]?.map((v) => v[k]) ?? [], before = steps[at - 1]?.[4][k] ?? 0, show = (v) => (v === undefined ? "" : number(Math.abs(v) < 0.005 ? 0 : v, 2));
        return h("tr", {}, h("th", {scope: "row", style: "text-align:left;font-weight:normal"}, name), [...now.slice(0, 4), before, now[4], now[5]].map((v) => h("td", {style: "text-align:right;padding:0 .3em"}, show(v))));
      }));
      const c = steps[at]?.[4].map((v) => number(Math.round(v), 0)) ?? [];
      say.textContent = characters.length ? `Read up to “${characters.slice(Math.max(0, at - 11), at + 1).join("")}”: ` + units.map((name, k) => `${name}: ${c[k]}`).join("; ") + "." : "There is nothing to read.";
    }
    function pick(svg, event) {
      const t = Math.min(characters.length - 1, Math.max(0, Math.floor((place(svg, event)[0] - LEFT) / step())));
      if (t === at) return;
      run.stop(); at = t; walk.set(t + 1); renew();
    }
    const walk = slider("read up to character", {min: 1, max: characters.length, step: 1, value: at + 1}, (t) => { run.stop(); at = Math.min(t, characters.length) - 1; renew(); });
    const run = player("Read", () => {
      at++;
      walk.set(at + 1); renew();
      return at < characters.length - 1;
    }, 250, () => { at = -1; });
    read();
    root.append(h("label", {style: "display:flex;margin-bottom:.5rem"}, h("span", {style: "white-space:nowrap"}, "type here"), box), h("div", {class: "row"}, sheets.map((sheet) => sheet.svg)), say, controls(run, walk),
      h("table", {style: "font-variant-numeric:tabular-nums;font-size:12px"}, h("thead", {}, h("tr", {}, ["unit", "i", "f", "g", "o", "c before", "c", "h"].map((t) => h("th", {scope: "col", style: "padding:0 .3em;text-align:right"}, t)))), body));
    renew();
  },
});
