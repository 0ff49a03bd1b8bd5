dlbookViz.add("boxes", {
  compute: {
    area: (b) => Math.max(0, b[2] - b[0]) * Math.max(0, b[3] - b[1]),
    // A box is left, lower, right, upper: where two of them overlap.
    overlap: (a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])],
    iou(a, b) {
      const both = this.area(this.overlap(a, b));
      return both / (this.area(a) + this.area(b) - both);
    },
    // The places of those that stay, surest first.
    nms(boxes, scores, t) {
      const kept = [];
      for (const k of boxes.map((_, i) => i).sort((i, j) => scores[j] - scores[i]))
        if (kept.every((j) => this.iou(boxes[k], boxes[j]) <= t)) kept.push(k);
      return kept;
    },
    // 1 where a box, in its turn, has found a truth that was still free, else 0.
    hits(boxes, truths, need) {
      const free = truths.map(() => true);
      return boxes.map((box) => {
        const each = truths.map((truth) => this.iou(box, truth)), best = each.indexOf(Math.max(...each));
        if (!(each[best] >= need) || !free[best]) return 0;
        free[best] = false;
        return 1;
      });
    },
    // Recall and precision after each box.
    curve(hits, total) {
      let right = 0;
      return hits.map((hit, k) => { right += hit; return [right / total, right / (k + 1)]; });
    },
    // The area under the steps: at each hit, the best precision from there on.
    ap(hits, total) {
      const c = this.curve(hits, total);
      return hits.reduce((sum, hit, k) => sum + (hit ? Math.max(...c.slice(k).map(([, p]) => p)) / total : 0), 0);
    },
  },
  draw(root, {pair, boxes, scores, truths}, viz) {
    const {h, s, number, slider, button, controls, plot, handle} = viz, {compute} = this, NAMES = ["A", "B"];
    const LOOK = [["var(--blue)", ""], ["var(--red)", "7 4"]];
    let two = pair.map((b) => [...b]), t = 0.5, need = 0.5;
    const field = (label) => plot({x: [0, 10], y: [0, 10], width: 320, height: 300, left: 24, bottom: 24, label});
    const p = field("two boxes"), q = field("scored boxes");
    const r = plot({x: [0, 1.02], y: [0, 1.05], width: 320, height: 230, xlabel: "recall: found, of the three", ylabel: "precision"});
    const rect = (f, b, look) => s("rect", {x: f.X(b[0]), y: f.Y(b[3]), width: Math.max(0, f.X(b[2]) - f.X(b[0])), height: Math.max(0, f.Y(b[1]) - f.Y(b[3])), fill: "none", "stroke-width": 2, ...look});
    const grips = two.flatMap((_, k) => [
      handle(p, `box ${NAMES[k]}, moved by its lower left corner`, 0.5, () => two[k].slice(0, 2), (x, y) => {
        const [w, v] = [two[k][2] - two[k][0], two[k][3] - two[k][1]], a = Math.min(Math.round(2 * x) / 2, 10 - w), b = Math.min(Math.round(2 * y) / 2, 10 - v);
        two[k] = [a, b, a + w, b + v];
        renew();
      }),
      handle(p, `box ${NAMES[k]}, its upper right corner`, 0.5, () => two[k].slice(2), (x, y) => {
        two[k] = [...two[k].slice(0, 2), Math.max(two[k][0] + 0.5, Math.round(2 * x) / 2), Math.max(two[k][1] + 0.5, Math.round(2 * y) / 2)];
        renew();
      })]);
    p.svg.append(...grips);
    const say = [0, 1].map(() => h("p", {class: "say", "aria-live": "polite"}));
    function renew() {
      const [a, b] = two, common = compute.overlap(a, b), both = compute.area(common), union = compute.area(a) + compute.area(b) - both;
      p.g.replaceChildren(...(both > 0 ? [rect(p, common, {fill: "var(--purple)", "fill-opacity": 0.35})] : []),
        ...two.flatMap((box, k) => [rect(p, box, {stroke: LOOK[k][0], "stroke-dasharray": LOOK[k][1]}),
          s("text", {x: p.X(box[0]) + 12, y: p.Y(box[3]) + 16, "font-weight": "bold", style: `fill: ${LOOK[k][0]}`}, NAMES[k])]));
      say[0].textContent = `Areas: A ${number(compute.area(a), 2)}, B ${number(compute.area(b), 2)}, overlap ${number(both, 2)}, union ${number(union, 2)}. IoU ${number(both, 2)} / ${number(union, 2)} = ${number(compute.iou(a, b), 3)}.`;
      const kept = compute.nms(boxes, scores, t), hits = compute.hits(kept.map((k) => boxes[k]), truths, need), c = compute.curve(hits, truths.length), ap = compute.ap(hits, truths.length);
      q.g.replaceChildren(...truths.map((box) => rect(q, box, {fill: "currentColor", "fill-opacity": 0.14, stroke: "none"})),
        ...boxes.flatMap((box, k) => {
          const place = kept.indexOf(k), right = place >= 0 && hits[place], colour = place < 0 ? "currentColor" : right ? "var(--green)" : "var(--red)";
          return [rect(q, box, {stroke: colour, "stroke-width": place < 0 ? 1 : 2.5, "stroke-dasharray": place < 0 ? "2 4" : right ? "" : "8 4", opacity: place < 0 ? 0.6 : 1}),
            place < 0 ? null : s("text", {x: q.X(box[2]) - 3, y: q.Y(box[1]) - 5, "text-anchor": "end", style: `fill: ${colour}`}, `${number(scores[k], 2)} ${right ? "✓" : "✗"}`)];
        }).filter(Boolean));
      q.svg.setAttribute("aria-label", kept.map((k, i) => `score ${scores[k]} ${hits[i] ? "right" : "wrong"}`).join(", "));
      const best = c.map((_, k) => Math.max(...c.slice(k).map(([, v]) => v))), steps = [];
      let from = 0;
      c.forEach(([recall], k) => { if (hits[k]) { steps.push([from, best[k]], [recall, best[k]]); from = recall; } });
      if (steps.length) steps.push([from, 0]);
      r.g.replaceChildren(steps.length ? s("path", {d: `${r.path([[0, 0], ...steps])}Z`, fill: "var(--blue)", "fill-opacity": 0.2, stroke: "var(--blue)", "stroke-width": 2}) : s("g", {}),
        ...c.map(([x, y], k) => r.dot(x, y, {r: 5, fill: hits[k] ? "var(--green)" : "none", stroke: hits[k] ? "none" : "var(--red)", "stroke-width": 2})));
      const right = hits.reduce((sum, v) => sum + v, 0);
      r.svg.setAttribute("aria-label", `precision over recall: ${c.map(([x, y]) => `${number(x, 2)}, ${number(y, 2)}`).join("; ")}`);
      say[1].textContent = `Suppression above IoU ${number(t, 2)} keeps ${kept.length} of ${boxes.length}: ${right} right, ${kept.length - right} wrong, ${truths.length - right} missed. Precision after each: ${c.map(([, v]) => number(v, 2)).join(", ")}. Average precision ${number(ap, 3)}.`;
      grips.forEach((grip) => grip.renew());
    }
    root.append(h("div", {class: "row"}, p.svg, say[0]), h("div", {class: "row"}, q.svg, r.svg), say[1], controls(
      slider("suppress above IoU", {min: 0, max: 1, step: 0.05, value: t, show: (v) => number(v, 2)}, (v) => { t = v; renew(); }),
      slider("right from IoU", {min: 0.3, max: 0.9, step: 0.05, value: need, show: (v) => number(v, 2)}, (v) => { need = v; renew(); }),
      button("Boxes back", () => { two = pair.map((b) => [...b]); renew(); })));
    renew();
  },
});
