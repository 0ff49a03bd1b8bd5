dlbookViz.add("wave", {
  compute: {
    // The value of a sum of sines, amplitudes and frequencies in hertz, at time t in seconds.
    at: (amplitudes, frequencies, t) => amplitudes.reduce((sum, a, k) => sum + a * Math.sin(2 * Math.PI * frequencies[k] * t), 0),
    // n of its samples, R a second.
    samples(amplitudes, frequencies, R, n) { return Array.from({length: n}, (_, i) => this.at(amplitudes, frequencies, i / R)); },
    // Sizes of the discrete Fourier transform at 0 to n/2, so that a sine of amplitude 1 in a bin has size 1; with Hann's window or none.
    spectrum(x, windowed) {
      const n = x.length, w = x.map((_, i) => (windowed ? 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n) : 1)), whole = w.reduce((s, v) => s + v, 0);
      return Array.from({length: Math.floor(n / 2) + 1}, (_, k) => {
        let c = 0, d = 0;
        x.forEach((v, i) => { const turn = (2 * Math.PI * k * i) / n; c += w[i] * v * Math.cos(turn); d -= w[i] * v * Math.sin(turn); });
        return (2 * Math.hypot(c, d)) / whole;
      });
    },
    // The frequency up to R/2 that has the same samples, but for the sign.
    alias: (f, R) => Math.abs(f - R * Math.round(f / R)),
  },
  draw(root, {frequencies, amplitudes, rate}, viz) {
    const {h, s, number, slider, button, choice, controls, plot} = viz, {compute} = this, N = 128, TOP = 4000, SHOWN = 0.008;
    let f = [...frequencies], a = [...amplitudes], R = rate, windowed = true, sound = null;
    const left = plot({x: [0, 1000 * SHOWN], y: [-2.5, 2.5], xlabel: "time (ms)", ylabel: "pressure", label: "the wave, its samples, and the wave that these samples mean"});
    const right = plot({right: 22, x: [0, TOP], y: [0, 1.4], xlabel: "frequency (Hz)", ylabel: "amplitude", label: "amplitude over frequency, as the samples say"});
    const say = h("p", {class: "say", "aria-live": "polite", style: "min-height: 5em"});  // the controls below stay in their place
    function renew() {
      const grid = Array.from({length: 641}, (_, i) => (i / 640) * SHOWN), same = f.map((v) => compute.alias(v, R));
      const signs = f.map((v) => (v - R * Math.round(v / R) < 0 ? -1 : 1));
      const meant = grid.map((t) => [1000 * t, compute.at(a.map((v, k) => v * signs[k]), same, t)]);
      const few = compute.samples(a, f, R, Math.floor(SHOWN * R) + 1), bars = compute.spectrum(compute.samples(a, f, R, N), windowed);
      left.g.replaceChildren(
        left.line(grid.map((t) => [1000 * t, compute.at(a, f, t)]), {stroke: "var(--blue)", "stroke-opacity": 0.55}),
        left.line(meant, {stroke: "var(--red)", "stroke-dasharray": "6 4"}),
        ...few.map((v, i) => left.dot((1000 * i) / R, v, {r: 3.5, fill: "currentColor"})));
      right.g.replaceChildren(
        s("rect", {x: right.X(R / 2), y: right.Y(1.4), width: Math.max(0, right.X(TOP) - right.X(R / 2)), height: right.Y(0) - right.Y(1.4), fill: "currentColor", "fill-opacity": 0.12}),
        ...bars.map((v, k) => right.line([[(k * R) / N, 0], [(k * R) / N, v]], {stroke: "var(--red)", "stroke-width": 2.5})),
        ...f.map((v, k) => s("path", {d: `M${right.X(v)} ${right.Y(a[k])}m-6 0h12m-6 -6v12`, stroke: "var(--blue)", "stroke-width": 2, "stroke-opacity": a[k] ? 1 : 0})));
      const told = f.flatMap((v, k) => (a[k] && same[k] !== v ? [`${number(v, 0)} Hz is taken for ${number(same[k], 0)} Hz`] : []));
      const bins = f.map((v, k) => (same[k] * N) / R), off = bins.some((b, k) => a[k] && Math.abs(b - Math.round(b)) > 0.02);
      say.textContent = `${number(R, 0)} samples a second: frequencies up to ${number(R / 2, 0)} Hz can be told apart. ` +
        (told.length ? `${told.join(", ")}: the dashed wave has the same samples. ` : "Both sines are below that, and the dashed wave is the blue one. ") +
        (off ? `A sine between two bins (one every ${number(R / N, 1)} Hz) spreads over its neighbours.` : "Both sines lie on bins.");
    }
    // What the samples say, as a loudspeaker would play it: the sines of the dashed wave, for a second.
    function play(name, list) {
      sound ??= new AudioContext();
      const gain = sound.createGain(), now = sound.currentTime;
      gain.gain.setValueAtTime(0, now);
      gain.gain.linearRampToValueAtTime(0.15, now + 0.03);
      gain.gain.setValueAtTime(0.15, now + 0.9);
      gain.gain.linearRampToValueAtTime(0, now + 1);
      gain.connect(sound.destination);
      list.forEach((v, k) => {
        const sine = sound.createOscillator(), size = sound.createGain();
        sine.frequency.value = v;
        size.gain.value = a[k];
        sine.connect(size).connect(gain);
        sine.start(now);
        sine.stop(now + 1);
      });
      say.textContent = `Playing ${name}: ${list.map((v, k) => (a[k] ? `${number(v, 0)} Hz` : "")).filter(Boolean).join(" and ") || "silence"}.`;
    }
    const one = (k) => [
      slider(`frequency ${k + 1} (Hz)`, {min: 100, max: 3900, step: 25, value: f[k], show: (v) => number(v, 0)}, (v) => { f[k] = v; renew(); }),
      slider(`amplitude ${k + 1}`, {min: 0, max: 1.2, step: 0.1, value: a[k], show: (v) => number(v, 1)}, (v) => { a[k] = v; renew(); })];
    root.append(h("div", {class: "row"}, left.svg, right.svg), say, controls(...one(0), ...one(1),
      slider("samples a second", {min: 1000, max: 12000, step: 250, value: R, show: (v) => number(v, 0)}, (v) => { R = v; renew(); }),
      choice("window", ["Hann", "none"], "Hann", (v) => { windowed = v === "Hann"; renew(); }),
      button("Play the wave", () => play("the wave", f)),
      button("Play its samples", () => play("what the samples say", f.map((v) => compute.alias(v, R))))));
    renew();
  },
});
