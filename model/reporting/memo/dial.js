"use strict";
/* The distribution of the target's outcome with a target to drag: of the memo's page, and of the page to edit on.
   data: draws by replicate (page.py); target: where to begin; ghost: the shape of an earlier answer, drawn behind;
   said_after: told the target and its chance. Gives the shape, as pairs of a value and a density. */
function dial(data, target = data.target, ghost = null, said_after = () => {}) {
  const replicates = data.replicates.map(unpack);
  const all = replicates.reduce((n, r) => n + r.length, 0);
  const chart = document.getElementById("chart"), slider = document.getElementById("target");
  const number = document.getElementById("number"), answer = document.getElementById("answer");
  const W = 640, H = 230, left = 12, right = 12, top = 26, floor = 200, bins = 60;
  const round = 10 * data.step, low = Math.floor(data.low / round) * round, high = Math.ceil(data.high / round) * round;
  const said = v => Number(v.toPrecision(12)).toLocaleString("en", { maximumSignificantDigits: 12 });
  const width = (high - low) / bins;

  function unpack(text) {
    const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0)), out = [];
    let value = 0, step = 0, shift = 1;
    for (const b of bytes) {
      step += (b & 127) * shift;
      if (b & 128) { shift *= 128; } else { value += step; out.push(value); step = 0; shift = 1; }
    }
    return out;
  }
  function reached(sorted, target) {  // how many draws are at least the target
    const least = Math.ceil((target - data.base) / data.resolution - 1e-9);
    let a = 0, b = sorted.length;
    while (a < b) { const m = (a + b) >> 1; if (sorted[m] >= least) b = m; else a = m + 1; }
    return sorted.length - a;
  }
  function chance(target) {
    const each = replicates.map(r => reached(r, target) / r.length);
    const total = replicates.reduce((n, r) => n + reached(r, target), 0) / all;
    const middle = each.reduce((s, x) => s + x, 0) / each.length;
    const error = Math.sqrt(each.reduce((s, x) => s + (x - middle) ** 2, 0) / (each.length - 1) / each.length);
    return { value: total, error };
  }
  const counts = new Array(bins).fill(0);
  for (const r of replicates) for (const v of r) { const n = Math.floor((data.base + v * data.resolution - low) / width); if (n >= 0 && n < bins) counts[n]++; }
  const most = Math.max(...counts);
  const x = v => left + (v - low) / (high - low) * (W - left - right);
  chart.textContent = "";
  const make = (tag, attributes, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [k, v] of Object.entries(attributes)) node.setAttribute(k, v);
    if (text !== undefined) node.textContent = text;
    chart.appendChild(node);
    return node;
  };
  const shape = counts.map((c, n) => [low + (n + 0.5) * width, c / all / width]);
  const bars = counts.map((c, n) => make("rect", { x: x(low + n * width) + 0.5, width: (W - left - right) / bins - 1, y: floor - c / most * (floor - top), height: c / most * (floor - top) }));
  make("line", { x1: left, x2: W - right, y1: floor, y2: floor, stroke: "currentColor" });
  for (let v = Math.ceil(low / (10 * round)) * 10 * round; v <= high; v += 10 * round)
    make("text", { x: Math.min(Math.max(x(v), 22), W - 22), y: floor + 18, "text-anchor": "middle", fill: "currentColor" }, v >= 10000 ? said(v / 1000) + "k" : said(v));
  if (ghost) {
    const scale = (floor - top) / (most / all / width);
    const path = ghost.filter(([v]) => v >= low && v <= high).map(([v, d], n) => `${n ? "L" : "M"}${x(v)},${Math.max(floor - d * scale, 2)}`).join("");
    if (path) make("path", { d: path, fill: "none", stroke: "var(--soft)", "stroke-width": 1.5, "stroke-dasharray": "4 3", class: "ghost" });
  }
  const mark = make("line", { y1: top - 8, y2: floor, "stroke-width": 2.5, stroke: "var(--wine)" });
  const tag = make("text", { y: 14, "font-weight": 600, fill: "var(--wine)" });
  slider.min = low; slider.max = high; slider.step = data.step;
  number.step = data.step;
  function show(target) {
    const c = chance(target);
    bars.forEach((bar, n) => bar.setAttribute("fill", low + (n + 0.5) * width >= target ? "var(--navy)" : "var(--pale)"));
    const at = Math.min(Math.max(x(target), left), W - right), end = at > W * 0.7;
    mark.setAttribute("x1", at); mark.setAttribute("x2", at);
    tag.setAttribute("x", at + (end ? -6 : 6)); tag.setAttribute("text-anchor", end ? "end" : "start");
    tag.textContent = said(target);
    slider.value = target; number.value = target;
    const bound = 100 * (1 - Math.pow(0.05, 1 / all));  // what no draw met, or every draw: an upper bound with 95% confidence
    const places = Math.max(0, -Math.floor(Math.log10(bound))), limit = Math.ceil(bound * 10 ** places) / 10 ** places;  // never closer than it is, as in the memo's words
    const met = c.value === 0 ? `below ${limit.toFixed(places)}% (95% confidence)` : c.value === 1 ? `above ${(100 - limit).toFixed(places)}% (95% confidence)`
      : `${(100 * c.value).toFixed(1)}% ± ${(100 * c.error).toFixed(1)} pp simulation error`;
    answer.textContent = `Chance of at least ${said(target)} ${data.unit} in ${data.period}: ${met}`;
    said_after(target, c);
    answer.dataset.chance = c.value; answer.dataset.error = c.error; answer.dataset.target = target;
  }
  slider.oninput = () => show(Number(slider.value));
  number.oninput = () => { const v = Math.round(Number(number.value) / data.resolution) * data.resolution; if (number.value !== "" && Math.abs(v) <= 1e15) { const typed = number.value; show(v); number.value = typed; } };
  const drag = event => {
    const area = chart.getBoundingClientRect();
    const v = low + ((event.clientX - area.left) / area.width * W - left) / (W - left - right) * (high - low);
    show(Math.min(Math.max(Math.round(v / data.step) * data.step, low), high));
  };
  chart.onpointerdown = event => { chart.setPointerCapture(event.pointerId); drag(event); };
  chart.onpointermove = event => { if (event.buttons) drag(event); };
  show(target);
  return shape;
}
