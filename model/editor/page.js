"use strict";
// The page to edit on. It holds the edits and their history, asks the server for every number, and knows no arithmetic of its own.
(() => {
  const $ = id => document.getElementById(id), token = document.querySelector("meta[name=token]").content;
  const page = crypto.randomUUID(), SVG = "http://www.w3.org/2000/svg", QUICK = 8192, FINE = 32768;
  let form = null, fields = new Map(), rows = new Map();  // path -> what the file says, path -> its row
  let state = { edits: {}, origin: {}, scenarios: [], day: null, to: null };  // edits: path -> key -> number; origin: what it was when the edit began
  let past = [], future = [], asked = 0, touched = 0, start = null, last = null, ghost = null, target = null, matters = null, timer = 0, idle = 0, beside = [], taught = {}, waiting = 0, loading = 0, shape = null, laid = [];
  const copy = x => JSON.parse(JSON.stringify(x)), same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const make = (tag, props = {}, ...inside) => { const node = Object.assign(document.createElement(tag), props); node.append(...inside); return node; };
  const draw = (parent, tag, attributes, text) => { const node = document.createElementNS(SVG, tag); for (const [k, v] of Object.entries(attributes)) node.setAttribute(k, v); if (text !== undefined) node.textContent = text; parent.appendChild(node); return node; };
  const differs = () => Object.keys(state.edits).length > 0 || state.scenarios.length > 0;
  const pct = x => `${(100 * x).toFixed(1)}%`;

  const about = ({ scenarios, as_of, to, edits }) => JSON.stringify([scenarios, as_of, to ?? null, edits]);
  const on_screen = () => about({ scenarios: state.scenarios, as_of: state.day, to: state.to, edits: state.edits });
  let formed = null;  // the scenarios and day that the numbers on the screen are of
  const worlds = () => JSON.stringify([state.scenarios, state.day, state.to]);
  const answers = found => found && found.about === on_screen() && formed === worlds();  // an answer to another question than the one on screen is not shown
  async function ask(kind, more = {}) {
    const number = ++asked, body = { page, number, scenarios: state.scenarios, as_of: state.day, to: state.to, edits: state.edits, ...more };
    const asks = about(body);
    const reply = await fetch(`/api/${kind}`, { method: "POST", headers: { "Content-Type": "application/json", "X-Token": token }, body: JSON.stringify(body) }).catch(() => null);
    if (!reply) return { problems: [{ said: "The server does not answer. Start `model edit` again and copy your edits from here: this page keeps them until it is closed." }], sent: number, about: asks };
    const found = await reply.json().catch(() => ({ problems: [{ said: `The server answered ${reply.status}.` }] }));
    return found.overtaken ? null : { ...found, sent: number, about: asks };
  }

  // --- the form ---------------------------------------------------------------------------------------------
  const numeric = key => key !== "values" && key !== "weights";
  const shown = v => typeof v !== "number" ? v : Number.isInteger(v) && Math.abs(v) >= 1e4 ? String(v).replace(/\B(?=(\d{3})+$)/g, "_") : String(v);
  const value_of = (field, key) => state.edits[field.path]?.[key] ?? field.keys[key];

  function build() {
    $("title").textContent = form.title; $("question").textContent = form.question;
    fields = new Map(form.groups.flatMap(g => g.fields.map(f => [f.path, f])));
    rows = new Map();
    const box = $("groups"); box.textContent = ""; laid = [];
    for (const group of form.groups) {
      const part = make("section", { className: "group" }, make("h2", { textContent: group.name.replaceAll("_", " ").split(".").join(" › ") }));
      part.dataset.group = group.name;
      for (const field of group.fields) { const row = one(field); rows.set(field.path, row); part.append(row.node); }
      box.append(part);
    }
    const list = $("scenarios"); list.textContent = "";
    for (const s of form.scenarios) {
      const tick = make("input", { type: "checkbox", checked: state.scenarios.includes(s.name) });
      tick.addEventListener("change", () => change(next => { next.scenarios = [...next.scenarios.filter(n => n !== s.name), ...(tick.checked ? [s.name] : [])]; }, true));
      list.append(make("label", { title: s.story }, tick, ` ${s.label}`));
    }
    const chips = $("beside"); chips.textContent = "";
    for (const s of form.scenarios) {
      const tick = make("input", { type: "checkbox", checked: beside.includes(s.name) });
      tick.addEventListener("change", () => { beside = tick.checked ? [...beside, s.name] : beside.filter(n => n !== s.name); compare(); });
      chips.append(make("label", { title: s.story }, tick, ` ${s.label}`));
    }
    beside = beside.filter(n => form.scenarios.some(s => s.name === n));
    for (const [id, options] of [["measure", form.measures], ["figure", Object.entries(form.figures)]]) {
      const now = $(id).value; $(id).textContent = "";
      for (const [value, words] of options) $(id).append(make("option", { value, textContent: words }));
      if (options.some(o => o[0] === now)) $(id).value = now;
    }
    $("reported").textContent = ""; $("reported").append(...form.reported.map(value => make("option", { value })));
    const days = days_of();
    $("day").max = days.length - 1; $("to").textContent = "";
    for (const month of [null, ...form.horizons]) $("to").append(make("option", { value: month ?? "", textContent: month === null ? form.base_day.slice(0, 4) : month.slice(0, 4) }));
    switched();
    $("to").onchange = () => change(next => { next.to = $("to").value || null; }, true);
    $("day").oninput = () => { $("dayname").textContent = days[$("day").value]; };
    $("day").onchange = () => change(next => { next.day = $("day").value === "0" ? null : days[$("day").value]; next.edits = {}; next.origin = {}; }, true);
    refresh();
  }

  const days_of = () => [form.base_day, ...form.days.filter(d => d > form.base_day)];
  function switched() {  // switches and slider as the state has them, whatever was clicked meanwhile
    if (!form) return;
    [...$("scenarios").querySelectorAll("input")].forEach((tick, n) => { tick.checked = state.scenarios.includes(form.scenarios[n]?.name); });
    $("day").value = Math.max(0, days_of().indexOf(state.day ?? form.base_day));
    $("dayname").textContent = state.day ?? `${form.base_day} (the base case)`; $("to").value = state.to ?? "";
  }

  function one(field) {
    const node = make("div", { className: "field" }), boxes = new Map(), numbers = make("div", { className: "numbers" });
    node.dataset.path = field.path;
    const problem = make("p", { className: "problem", id: `problem ${field.path}` }), was = make("p", { className: "was", hidden: true });
    let sketch = null;
    if (field.curve.length && ["p10", "p50", "p90"].every(k => typeof field.keys[k] === "number")) { sketch = sketched(field, boxes); numbers.append(sketch.node); }
    for (const [key, given] of Object.entries(field.keys)) {
      const list = Array.isArray(given) ? given : [given];
      list.forEach((v, n) => {
        if (!numeric(key) || typeof v === "object") return;
        const input = make("input", { type: "text", inputMode: "decimal", className: list.length > 1 ? "short" : "", autocomplete: "off", spellcheck: false, disabled: field.fixed });
        const name = list.length > 1 ? `${key} ${n + 1}` : key;
        input.setAttribute("aria-label", `${field.label}, ${name}, ${field.unit}`); input.setAttribute("aria-describedby", problem.id);
        input.dataset.key = key; input.dataset.n = n;
        input.addEventListener("focus", () => entered.set(input, at(value_of(field, key), n)));
        input.addEventListener("input", () => typed(field, key, n, list.length > 1, input));
        input.addEventListener("keydown", event => { if (event.key === "Escape") { event.preventDefault(); reset(field.path); } });
        boxes.set(`${key} ${n}`, input);
        numbers.append(make("label", {}, list.length > 1 && n ? "" : key, input));
      });
    }
    const undo = make("button", { type: "button", textContent: "Reset" }); undo.addEventListener("click", () => reset(field.path));
    was.append(make("span"), " ", undo);
    const told = make("details", {}, make("summary", { textContent: `${field.evidence}: source and why` }), make("p", { textContent: `Source: ${field.source}` }), make("p", { textContent: `Why: ${field.why}` }), make("p", { textContent: `${field.path}; as of ${field.day}; ${field.set_by}` }), ...field.public.map(line => make("p", { textContent: `In public: ${line}` })));
    const given = make("p", { className: "note", hidden: true });
    node.append(make("div", { className: "top" }, make("span", { className: "name", textContent: field.label }), make("span", { className: "unit", textContent: field.unit })), numbers, given, problem, was, told);
    return { node, boxes, problem, was, sketch, given };
  }

  function sketched(field, boxes) {  // the distribution's shape, with three quantiles to drag
    const node = document.createElementNS(SVG, "svg"), keys = ["p10", "p50", "p90"], W = 152, H = 38;
    node.setAttribute("viewBox", `0 0 ${W} ${H}`); node.setAttribute("class", "sketch"); node.setAttribute("aria-hidden", "true");
    const curve = field.curve[0], low = curve[0], high = curve[curve.length - 1], span = (high - low) || 1, lo = low - span * .15, hi = high + span * .15;
    const x = v => (v - lo) / (hi - lo) * W, v_of = px => lo + px / W * (hi - lo);
    const outline = draw(node, "path", {});
    const redraw = line => {
      const points = line.slice(1).map((v, n) => [(v + line[n]) / 2, 1 / Math.max(v - line[n], span / 500)]), most = Math.max(...points.map(p => p[1]));
      outline.setAttribute("d", `M${x(line[0])},${H - 6}` + points.map(([v, d]) => `L${x(v)},${H - 6 - d / most * (H - 10)}`).join("") + `L${x(line[line.length - 1])},${H - 6}Z`);
    };
    redraw(curve);
    const handles = keys.map(() => draw(node, "circle", { r: 4.2, cy: H - 6, class: "handle" }));
    const place = () => keys.forEach((k, n) => handles[n].setAttribute("cx", Math.min(Math.max(x(Number(value_of(field, k))), 3), W - 3)));
    let held = -1, before = null;
    node.addEventListener("pointerdown", event => { if (field.fixed) return; const at = v_at(event); held = keys.map(k => Math.abs(value_of(field, k) - at)).reduce((best, d, n, all) => d < all[best] ? n : best, 0); before = copy(state); node.setPointerCapture(event.pointerId); });
    node.addEventListener("pointermove", event => {
      if (held < 0) return;
      const digits = Math.max(0, 3 - Math.ceil(Math.log10(span))), at = Number(v_at(event).toFixed(Math.min(digits, 12)));
      const others = keys.map(k => Number(value_of(field, k)));
      if ((held > 0 && at <= others[held - 1]) || (held < 2 && at >= others[held + 1])) return;
      put(state, field, keys[held], 0, false, at); boxes.get(`${keys[held]} 0`).value = shown(at); refresh(); soon();
    });
    node.addEventListener("pointerup", () => { if (held >= 0 && !same(before, state)) { past.push(before); future = []; refresh(); } held = -1; });
    const v_at = event => { const box = node.getBoundingClientRect(); return v_of((event.clientX - box.left) / box.width * W); };
    return { node, place, redraw };
  }

  function put(into, field, key, n, many, value) {
    const now = copy(into.edits[field.path]?.[key] ?? field.keys[key]);
    if (many) now[n] = value;
    hold(into, field.path, key, many ? now : value, into.origin[field.path]?.[key] ?? copy(field.keys[key]));
  }
  function hold(into, path, key, value, origin, keep = false) {  // an edit that says what the file says is none
    const none = !keep && same(value, fields.get(path)?.keys[key]);
    for (const [name, v] of [["edits", value], ["origin", origin]]) {
      const keys = { ...(into[name][path] ?? {}) }, all = { ...into[name] };
      delete keys[key]; delete all[path];
      if (!none) keys[key] = v;
      if (Object.keys(keys).length) all[path] = keys;
      into[name] = all;
    }
  }
  // Files that were read again: of a list, the numbers that were not edited are the file's. What both changed keeps its origin, and is not saved.
  // begin: scenarios were switched here, so that edits begin from what is there now, but for those in `clashes`, which both had changed before.
  function rebase(begin = false, clashes = new Set()) {
    for (const [path, keys] of Object.entries(state.edits)) for (const [key, mine] of Object.entries(keys)) {
      const now = fields.get(path)?.keys[key], from = state.origin[path][key];
      const lists = [now, mine, from].every(x => Array.isArray(x) && x.length === mine.length);
      const fresh = begin && now !== undefined && !clashes.has(`${path} ${key}`);
      if (lists) hold(state, path, key, mine.map((v, n) => same(v, from[n]) ? now[n] : v), fresh ? copy(now) : from.map((v, n) => same(v, mine[n]) ? now[n] : v), begin);
      else hold(state, path, key, mine, fresh ? copy(now) : from, begin);
    }
  }
  const clash = (path, key) => !same(state.origin[path][key], fields.get(path)?.keys[key]);
  const clashing = () => Object.entries(state.edits).flatMap(([path, keys]) => Object.keys(keys).filter(key => clash(path, key)).map(key => `${path} ${key}`));

  const entered = new WeakMap(), at = (v, n) => Array.isArray(v) ? v[n] : v;  // box -> its number when it was entered, which counts while the text is none
  const bad = row => [...row.boxes.values()].some(b => b.hasAttribute("aria-invalid")), refused = () => [...rows.values()].filter(bad);
  function typed(field, key, n, many, input) {
    const text = input.value.trim(), day = /^\d{4}-\d\d-\d\d$/.test(text), row = rows.get(field.path);
    const good = day || /^[+-]?(\d+(_\d+)*|(?=\.\d))(\.\d*)?(e[+-]?\d+)?$/i.test(text);  // 22_000, .3, 2.5e4; a comma can be read in two ways
    const number = day ? text : Number(text.replace(/_/g, ""));
    if (!good || (!day && !Number.isFinite(number))) {
      change(next => put(next, field, key, n, many, entered.get(input) ?? at(field.keys[key], n)), false, input);
      input.setAttribute("aria-invalid", "true"); $("save").disabled = true; $("reset").disabled = false; sift();
      row.problem.textContent = `'${input.value}' is not a number. Write 22_000 or 0.3`; soon();
      return;
    }
    const mended = input.hasAttribute("aria-invalid");
    input.removeAttribute("aria-invalid");
    change(next => put(next, field, key, n, many, number), false, input);
    if (mended) { refresh(input); soon(); }
  }

  function change(edit, whole, from = null) {
    const before = copy(state), next = copy(state);
    edit(next);
    if (same(before, next)) return;
    const one_more = from && past.length && past.from === from && Date.now() - past.when < 800;  // one entry in the history for one number typed
    if (!one_more) past.push(before);
    past.from = from; past.when = Date.now();
    future = []; state = next;
    if (whole) load(true); else { refresh(from); soon(); }
  }
  function reset(path) {
    change(next => { for (const name of ["edits", "origin"]) { const all = { ...next[name] }; delete all[path]; next[name] = all; } }, false);
    fill(path, null, true); rows.get(path).problem.textContent = ""; refresh(); soon();
  }
  function step(from, to) { if (!from.length) return; to.push(copy(state)); const before = state; state = from.pop(); past.from = null; rebase(); if (!same([before.scenarios, before.day, before.to], [state.scenarios, state.day, state.to])) load(true); else { refresh(null, true); soon(); } }

  function fill(path, except = null, all = false) {  // what is refused stays as it was typed, until the row or all is set again
    const field = fields.get(path), row = rows.get(path);
    for (const [name, input] of row.boxes) {
      if (input === except || (!all && input.hasAttribute("aria-invalid"))) continue;
      const now = value_of(field, input.dataset.key), v = Array.isArray(now) ? now[input.dataset.n] : now;
      input.value = shown(v); input.removeAttribute("aria-invalid");
    }
    row.sketch?.place();
  }
  function refresh(except = null, all = false) {
    for (const [path, row] of rows) {
      const edited = state.edits[path];
      row.node.classList.toggle("changed", Boolean(edited)); row.was.hidden = !edited; if (all) row.problem.textContent = "";
      const said = v => Array.isArray(v) ? v.map(shown).join(", ") : shown(v ?? "nothing");
      if (edited) row.was.firstChild.textContent = `The file says ${Object.keys(edited).map(k => `${k} ${said(fields.get(path).keys[k])}${clash(path, k) ? ` (it said ${said(state.origin[path][k])} when you began: reset it to save)` : ""}`).join(", ")}.`;
      fill(path, except, all);
    }
    const count = Object.keys(state.edits).length;
    $("undo").disabled = !past.length; $("redo").disabled = !future.length; $("reset").disabled = !count && !refused().length; $("save").disabled = !count || refused().length > 0;
    $("state").textContent = count ? `${count} assumption${count > 1 ? "s" : ""} edited, not saved` : "Nothing edited";
    sift();
  }
  function sift() {
    const words = $("find").value.toLowerCase().split(/\s+/).filter(Boolean), only = $("only").checked;
    for (const [path, row] of rows) {
      const field = fields.get(path), text = `${path} ${field.label}`.toLowerCase();
      row.node.hidden = !bad(row) && (!words.every(w => text.includes(w)) || (only && !state.edits[path]));  // what is refused is always in sight
    }
    const box = $("groups"), first = $("order").checked && matters ? matters.slice(0, 20) : [];
    if (!same(first, laid)) keeping_focus(() => lay_out(box, first));
    for (const part of box.querySelectorAll("section.group")) part.hidden = ![...part.querySelectorAll(".field")].some(f => !f.hidden);
  }
  function lay_out(box, first) {  // the rows in their groups, those that matter first in one of their own
    const parts = [...box.querySelectorAll("section.group")].filter(p => p.dataset.group !== "\u0000");
    box.querySelector('section[data-group="\u0000"]')?.remove();
    for (const [path, row] of rows) { const home = parts.find(p => p.dataset.group === path.slice(0, path.lastIndexOf("."))); home?.append(row.node); }
    if (first.length) {
      const top = make("section", { className: "group" }, make("h2", { textContent: "what matters most" })); top.dataset.group = "\u0000";
      for (const path of first) { const row = rows.get(path); if (row) top.append(row.node); }
      box.prepend(top);
    }
    laid = first;
  }
  function keeping_focus(work) {  // a box that is moved or made again has the focus and the cursor that it had
    const had = document.activeElement, path = had?.closest?.(".field")?.dataset.path, name = `${had?.dataset?.key} ${had?.dataset?.n}`;
    const cursor = path && [had.selectionStart, had.selectionEnd];
    work();
    const now = rows.get(path)?.boxes.get(name);
    if (now && document.activeElement !== now) { now.focus({ preventScroll: true }); now.setSelectionRange(...cursor); }
  }

  // --- the answer -------------------------------------------------------------------------------------------
  function stale(is) {
    $("answers").classList.toggle("old", is); $("stale").hidden = !is;
    $("stale").textContent = refused().length ? "An entry is no number; the answer is without it." : "An older answer; a new one is being made.";
  }
  // A study takes longer than the answer: until it comes, what is shown is marked as of an earlier question.
  const study_of = kind => document.querySelector(`[data-study="${kind}"]`), fresh = kind => study_of(kind).classList.remove("older");
  const older = () => { for (const part of document.querySelectorAll("[data-study]")) part.classList.add("older"); };
  function soon() { touched = performance.now(); clearTimeout(timer); clearTimeout(idle); stale(true); older(); timer = setTimeout(quick, 60); }
  async function quick() {
    const mine = ++waiting, slow = setTimeout(() => { $("stop").hidden = false; }, 1000);
    const found = await ask("answer", { draws: QUICK });
    clearTimeout(slow);
    if (mine === waiting) $("stop").hidden = true;
    if (answers(found) && tell(found, "quick") && state.day === null) {
      const fine = await ask("answer", { draws: FINE });
      if (answers(fine) && differs() && start?.draws !== fine.draws) await plainly(FINE);  // a difference is of the same draws
      if (answers(fine)) tell(fine, "fine");
    }
    if (mine !== waiting) return;
    clearTimeout(idle); idle = setTimeout(studies, 700);
  }
  async function plainly(draws) {  // the answer without scenarios and edits, against which both are shown
    const asked = about({ scenarios: [], as_of: state.day, to: state.to, edits: {} }), plain = await ask("answer", { draws, scenarios: [], edits: {} });
    if (!plain || plain.problems || plain.about !== asked || about({ scenarios: [], as_of: state.day, to: state.to, edits: {} }) !== asked) return;
    if (!start) { shape = dial(plain.dial, target ?? plain.dial.target); ghost = shape; }
    start = plain;
  }
  async function stop() {  // what is under way ends; the answer that is shown is an older one, and says so
    waiting++; $("stop").hidden = true;
    await ask("stop");
    stale(true); $("stale").textContent = "Stopped: the answer is an older one. ";
    const again = make("button", { type: "button", textContent: "Ask again" });
    again.addEventListener("click", soon);
    $("stale").append(again);
  }
  function tell(found, which) {
    if (!answers(found) || found.sent < (last?.sent ?? 0)) return false;
    if (form && found.stamp && found.stamp !== form.stamp) { outside(); return false; }
    for (const row of rows.values()) if (!bad(row)) row.problem.textContent = "";
    if (found.problems) { wrong(found.problems); return false; }
    if (!differs()) { start = found; ghost = null; } else if (start && !ghost) ghost = shape;
    last = found; stale(refused().length > 0);
    document.body.dataset[which] = Math.round(performance.now() - touched); document.body.dataset.draws = found.draws; document.body.dataset.hash = found.hash;
    const chance = `P(target) ${found.chance_said}`, given = found.given ? `, ${found.given}` : "";
    $("chance").textContent = found.in_doubt ? chance : `${found.spread[1]} (${found.spread[0]} to ${found.spread[2]})`;
    $("spread").textContent = found.in_doubt ? `P10 ${found.spread[0]}, P50 ${found.spread[1]}${start && start !== found ? ` (was ${start.spread[1]})` : ""}, P90 ${found.spread[2]}${given}` : `P50 (P10 to P90)${given}; ${chance}`;
    const moved = start && differs() && start.draws === found.draws, points = moved ? 100 * (found.chance - start.chance) : 0, cars = moved ? Number((found.p50 - start.p50).toPrecision(2)) : 0;
    const signed = (v, text) => `${v >= 0 ? "+" : "−"}${text}`;
    if (moved || !differs()) $("moved").textContent = !moved ? "" : found.in_doubt || start.in_doubt ? `${pct(start.chance)} → ${pct(found.chance)}, ${signed(points, Math.abs(points).toFixed(1))} points` : `P50 ${start.spread[1]} → ${found.spread[1]}, ${signed(cars, Math.abs(cars).toLocaleString("en"))}`;
    $("key").textContent = ""; $("key").append(...found.key.map(textContent => make("p", { textContent })));
    shape = dial(found.dial, target ?? found.dial.target, ghost, t => { target = t; });
    for (const [path, row] of rows) if (row.sketch) row.sketch.redraw(found.curves[path] ?? fields.get(path).curve[0]);
    fanned(found); segments(found);
    $("yearsbox").hidden = !found.years.length; if (found.years.length) table($("years"), found.years[0], found.years.slice(1));
    return true;
  }
  function wrong(problems) {
    stale(true); $("stale").textContent = "The last good answer; an entry is wrong.";
    let other = [];
    for (const p of problems) { const row = rows.get(p.path); if (row) { if (!bad(row)) row.problem.textContent = `${p.what}${p.hint ? `. ${p.hint}` : ""}`; } else other.push(p.said ?? p.what); }
    if (other.length) $("state").textContent = other.join("; ");
  }
  function fanned(found) {
    const svg = $("fan"), W = 640, H = 200, left = 44, floor = 176, top = 8, most = 1.05 * Math.max(...found.fan[6], found.needed ?? 0);
    svg.textContent = "";
    const x = m => left + (m + .5) / 12 * (W - left - 8), y = v => floor - v / most * (floor - top);
    for (const v of [0, 20000, 40000, 60000, 80000]) if (v < most) { draw(svg, "line", { x1: left, x2: W - 8, y1: y(v), y2: y(v), stroke: "var(--line)", "stroke-width": .5 }); draw(svg, "text", { x: left - 5, y: y(v) + 4, "text-anchor": "end", fill: "currentColor" }, `${v / 1000}k`); }
    for (const [a, b, colour] of [[0, 6, "var(--pale)"], [1, 5, "var(--mid)"], [2, 4, "var(--navy)"]])
      draw(svg, "path", { d: found.fan[a].map((v, m) => `${m ? "L" : "M"}${x(m)},${y(v)}`).join("") + found.fan[b].map((v, m) => `L${x(11 - m)},${y(found.fan[b][11 - m])}`).join("") + "Z", fill: colour, "fill-opacity": colour === "var(--navy)" ? .75 : 1 });
    draw(svg, "path", { d: found.fan[3].map((v, m) => `${m ? "L" : "M"}${x(m)},${y(v)}`).join(""), stroke: "var(--paper)", "stroke-width": 2, fill: "none" });
    if (found.needed !== null) draw(svg, "line", { x1: x(found.open - .5), x2: W - 8, y1: y(found.needed), y2: y(found.needed), stroke: "var(--wine)", "stroke-dasharray": "5 4", "stroke-width": 1.5 });
    if (ghost && start) draw(svg, "path", { d: start.fan[3].map((v, m) => `${m ? "L" : "M"}${x(m)},${y(v)}`).join(""), stroke: "var(--soft)", "stroke-dasharray": "4 3", fill: "none", class: "ghost" });
    "JFMAMJJASOND".split("").forEach((c, m) => draw(svg, "text", { x: x(m), y: floor + 17, "text-anchor": "middle", fill: "currentColor" }, c));
    for (const [period, [low]] of Object.entries(found.reported)) draw(svg, "circle", { cx: x(Number(period.slice(5)) - 1), cy: y(low), r: 4, fill: "var(--wine)" });
    $("fansaid").textContent = `White: P50. ${found.needed === null ? "" : ` Dashed red: ${Math.round(found.needed).toLocaleString("en")} a month, what the target needs${found.open ? " from here" : ""}.`}${Object.keys(found.reported).length ? " Dots: reported, or the floor that was." : ""}${ghost ? " Dashed grey: before the edits." : ""}`;
    table($("fantable"), ["month", "P10", "P50", "P90"], found.fan[0].map((_, m) => [`${m + 1}`, ...[1, 3, 5].map(k => Math.round(found.fan[k][m]).toLocaleString("en"))]));
  }
  function table(node, head, lines) {
    node.textContent = "";
    const row = (cells, tag) => make("tr", {}, ...cells.map((c, n) => make(tag, { className: n ? "n" : "", textContent: c })));
    node.append(make("thead", {}, row(head, "th")), make("tbody", {}, ...lines.map(l => row(l, "td"))));
  }
  function segments(found) { table($("segments"), ["", "P10", "P50", "P90", "P50 before"], found.segments.map(([name, ...v], n) => [name, ...v, start && differs() ? start.segments[n][2] : ""])); }
  async function studies() {
    const measure = $("measure").value, found = await ask("tornado", { measure });
    if (measure !== $("measure").value) return;
    if (!answers(found)) return;
    if (found.bars) {
      fresh("tornado");
      if (!matters || !Object.keys(state.edits).length) matters = found.bars.map(b => b.path);  // rows stay where they are while one edits
      swings(found);
      if ($("order").checked) sift();
    }
    const page = await ask("quarters");
    if (!answers(page)) return;
    if (page.rows) { fresh("quarters"); $("quartersbox").hidden = false; table($("quarters"), page.rows[0], page.rows.slice(1)); }
    if (!await compare()) return;
    const said = state.day !== null ? await ask("learned") : null;
    if (said && !answers(said)) return;
    fresh("learned"); $("learnedbox").hidden = !said?.lines?.length; if (said?.lines) $("learned").textContent = said.lines.join("\n");
    taught = said?.each ?? {};
    for (const [path, row] of rows) { row.given.hidden = !taught[path]; row.given.textContent = taught[path] ? `Given the reports: ${taught[path]}` : ""; }
    document.body.dataset.studied = "yes";
  }

  function swings(found) {  // low and high of each, to the side on which they lie of today's value
    $("tornadotitle").textContent = found.of_chance ? "What moves the chance most" : `What moves ${found.what} most`;
    const shown = found.bars.slice(0, 12), ends = [found.now, ...shown.flatMap(b => [b.low, b.high])], lo = Math.min(...ends), hi = Math.max(...ends), x = v => 2 + (v - lo) / ((hi - lo) || 1) * 196;
    table($("tornado"), ["assumption", "at its P10", "at its P90", `now ${found.now_said} ${found.unit}`], shown.map(b => [b.label, b.low_said, b.high_said, ""]));
    [...$("tornado").tBodies[0].rows].forEach((r, n) => {
      const b = shown[n], svg = draw(r.cells[3], "svg", { class: "swing", viewBox: "0 0 200 14", "aria-hidden": "true" });
      for (const [end, colour] of [[b.low, "var(--wine)"], [b.high, "var(--navy)"]]) draw(svg, "rect", { x: Math.min(x(found.now), x(end)), y: 2, height: 10, width: Math.max(Math.abs(x(end) - x(found.now)), .8), fill: colour });
      draw(svg, "line", { x1: x(found.now), x2: x(found.now), y1: 0, y2: 14, stroke: "currentColor" });
    });
  }

  // --- side by side -----------------------------------------------------------------------------------------
  let compared = 0;
  async function compare() {  // whether what is shown is of the question on screen
    const mine = ++compared, chosen = beside.map(n => [n]), found = await ask("sides", { beside: chosen });
    if (!answers(found)) return false;
    if (mine !== compared) return true;
    if (found.problems) { $("curvesaid").textContent = found.problems.map(p => p.said).join("; "); return true; }
    const head = make("tr", {}, make("th", {}), ...found.columns.map((c, n) => make("th", { className: n ? "n differs" : "n", textContent: c })));
    const lines = found.rows.map(r => make("tr", {}, make("td", { textContent: r.label }), ...r.cells.map((c, n) => make("td", { className: "n" }, c.value, ...(n ? [make("br"), make("span", { className: "note", textContent: c.against })] : [])))));
    const changes = make("tr", {}, make("td", { textContent: "differs in" }), ...found.changes.map(each => make("td", { textContent: each.slice(0, 6).join("; ") + (each.length > 6 ? `; and ${each.length - 6} more` : "") })));
    $("sides").textContent = ""; $("sides").append(make("thead", {}, head), make("tbody", {}, ...lines, changes));
    overlaid(found); fresh("sides");
    for (const [id, first] of [["from", 0], ["into", found.columns.length - 1]]) {
      const now = $(id).value; $(id).textContent = "";
      const ends = [["[]", found.columns[0]], ...chosen.map((names, n) => [JSON.stringify(names), found.columns[n + 1]])];
      if (found.columns.length > ends.length) ends.push(['"now"', found.columns[ends.length]]);
      for (const [value, textContent] of ends) $(id).append(make("option", { value, textContent }));
      $(id).value = $(id).dataset.chosen && ends.some(e => e[0] === now) ? now : ends[Math.min(first, ends.length - 1)][0];
    }
    $("bridgebox").hidden = found.columns.length < 2;
    return bridged();
  }
  async function bridged() {
    if ($("bridgebox").hidden) { $("bridge").hidden = true; fresh("bridge"); return true; }
    const ends = [$("from").value, $("into").value], parts = await ask("bridge", { from: JSON.parse(ends[0]), into: JSON.parse(ends[1]) });
    if (!answers(parts)) return false;
    if (!same(ends, [$("from").value, $("into").value])) return true;
    fresh("bridge"); $("bridge").hidden = false; $("bridge").textContent = (parts.lines ?? parts.problems.map(p => p.said)).join("\n");
    return true;
  }
  function overlaid(found) {  // the distribution of each case, as a line
    const svg = $("curves"), W = 640, floor = 126, colours = ["var(--soft)", "var(--navy)", "var(--wine)", "var(--good)", "var(--mid)"];
    svg.textContent = "";
    const all = found.curves.flat(), lo = Math.min(...all), hi = Math.max(...all), x = v => 10 + (v - lo) / ((hi - lo) || 1) * (W - 20);
    const shapes = found.curves.map(line => { const flat = (hi - lo) / 400 || 1; return line.slice(4).map((v, n) => [(v + line[n]) / 2, 4 / Math.max(v - line[n], flat)]); });
    const most = Math.max(...shapes.flat().map(p => p[1]), 1e-12);
    shapes.forEach((points, n) => draw(svg, "path", { d: points.map(([v, d], k) => `${k ? "L" : "M"}${x(v)},${floor - d / most * 116}`).join(""), fill: "none", stroke: colours[n % colours.length], "stroke-width": 2, "stroke-dasharray": n ? "" : "5 4" }));
    for (const q of [0, .25, .5, .75, 1]) draw(svg, "text", { x: 10 + q * (W - 20), y: floor + 18, "text-anchor": q === 0 ? "start" : q === 1 ? "end" : "middle", fill: "currentColor" }, Number((lo + q * (hi - lo)).toPrecision(3)).toLocaleString("en"));
    const named = ["grey, dashed", "blue", "red", "green", "light blue"];
    $("curvesaid").textContent = found.columns.map((c, n) => `${c}: ${named[n % named.length]}`).join("; ");
  }

  async function outside() {  // a file was changed by another program: its numbers come in, the edits stay
    if (!await load(true, true)) return;
    const both = clashing();
    $("state").textContent = `A file was changed outside and has been read again; your edits are kept.${both.length ? ` Changed by both, and not saved until reset: ${both.join(", ")}.` : ""}`;
  }
  async function load(keep = false, changed = false) {
    formed = null; clearTimeout(timer); switched();  // until the numbers of what is asked are there, no answer is shown
    older(); stale(true); $("stale").textContent = state.day ? "An older answer; with reports the first one of a day takes a minute or two, and keeps nothing else waiting." : "An older answer; a new one is being made.";
    const mine = ++loading, found = await ask("form");
    if (!found || mine !== loading) return false;
    if (found.problems) { $("state").textContent = found.problems.map(p => p.said).join("; "); return false; }
    if (form === null && found.start !== null && state.day === null) { form = found; state.day = found.start; return load(keep, changed); }
    const begin = !changed && found.stamp === form?.stamp, clashes = new Set(form ? clashing() : []);
    form = found; start = null; ghost = null;
    if (!keep) { state.edits = {}; state.origin = {}; }
    keeping_focus(() => { build(); rebase(begin, clashes); refresh(null, true); }); formed = worlds();
    if (differs()) { await plainly(QUICK); if (mine !== loading) return false; }
    await quick();
    return true;
  }

  // --- saving -----------------------------------------------------------------------------------------------
  const into = () => document.querySelector("input[name=into]:checked").value;
  const words = () => ({ into: into(), was: state.origin, name: $("name").value, label: $("label").value, why: $("why").value, source: $("source").value, day: $("known").value, kind: $("kind").value });
  const asks_for = () => { for (const part of document.querySelectorAll("#naming [data-for]")) part.hidden = !part.dataset.for.split(" ").includes(into()); };
  let looked = 0;  // an answer to an earlier look, of another file or other words, is not shown
  const unlook = () => { looked++; $("diff").textContent = ""; $("confirm").disabled = true; };
  async function look() {
    unlook();
    const mine = looked;
    $("saveproblem").textContent = "";
    const found = await ask("diff", words());
    if (!found || mine !== looked) return;
    if (found.problems) { $("saveproblem").textContent = found.problems.map(p => p.said).join("\n"); return; }
    $("diff").textContent = found.diff; $("confirm").disabled = false;
  }
  $("save").addEventListener("click", () => {
    const plain = !state.scenarios.length && state.day === null, radios = [...document.querySelectorAll("input[name=into]")], may = { base: plain, own: state.scenarios.length === 1, scenario: true, update: !state.scenarios.length };
    for (const r of radios) r.disabled = !may[r.value];
    radios.find(r => r.value === (plain ? "base" : may.own ? "own" : "scenario")).checked = true; $("known").value ||= state.day ?? ""; asks_for(); $("saveproblem").textContent = ""; unlook();
    $("saving").showModal(); if (plain) look();
  });
  document.querySelectorAll("input[name=into]").forEach(r => r.addEventListener("change", () => { asks_for(); unlook(); if (into() === "base") look(); }));
  $("look").addEventListener("click", look);
  ["name", "label", "why", "source", "known", "kind"].forEach(id => $(id).addEventListener("input", unlook));
  $("confirm").addEventListener("click", async () => {
    const scenario = into() === "scenario" ? $("name").value : null;
    const found = await ask("save", { ...words(), diff: $("diff").textContent });
    if (!found) return;
    if (found.problems) { $("saveproblem").textContent = found.problems.map(p => p.said).join("\n"); return; }
    const day = into() === "update" && $("known").value > (state.day ?? "") ? $("known").value : state.day;
    $("saving").close(); past = []; future = []; state = { ...state, day, edits: {}, origin: {}, scenarios: scenario ? [...state.scenarios, scenario] : state.scenarios };
    await load(); $("state").textContent = `Saved: ${found.saved}`;
  });
  for (const kind of ["memo", "figures"]) $(kind).addEventListener("click", async () => {
    $(kind).disabled = true; $("state").textContent = kind === "memo" ? "Writing the memo: half a minute or so" : "Drawing the figures";
    const found = await ask(kind); $(kind).disabled = false;
    $("state").textContent = found?.problems ? found.problems.map(p => p.said).join("; ") : "";
    if (found?.files) $("state").append(`Written: ${found.files.join(", ")} `);
    if (found?.files && kind === "memo") $("state").append(make("a", { href: "/memo", textContent: "Keep memo.html", download: "memo.html" }));
  });

  $("freeze").addEventListener("click", async () => {
    const name = prompt("Freeze the forecast of the day on screen in register/, where it is never changed. Its name (letters, digits, _; nothing for the usual one):", "");
    if (name === null) return;
    $("freeze").disabled = true; $("state").textContent = "Freezing: a minute or so";
    const found = await ask("freeze", { name }); $("freeze").disabled = false;
    $("state").textContent = found?.problems ? found.problems.map(p => p.said).join("; ") : `Frozen: ${found?.files?.join(", ")}`;
  });
  $("measure").addEventListener("change", studies);
  for (const id of ["from", "into"]) $(id).addEventListener("change", () => { $(id).dataset.chosen = "yes"; bridged(); });
  $("picture").addEventListener("click", async () => {
    $("picture").disabled = true;
    const found = await ask("picture", { name: $("figure").value, size: $("size").value }); $("picture").disabled = false;
    if (!answers(found)) return;
    if (found.problems) { $("state").textContent = found.problems.map(p => p.said).join("; "); return; }
    fresh("picture"); $("shown").replaceChildren(make("img", { src: `data:image/png;base64,${found.png}`, alt: found.alt })); $("shown").hidden = false; $("tablebox").hidden = false;
    table($("shownrows"), found.columns, found.more ? [...found.rows, [`and ${found.more} more`]] : found.rows);
  });

  // --- reports ----------------------------------------------------------------------------------------------
  const R = ["outcome", "period", "figure", "on", "source", "series"], said_of = () => ({ ...Object.fromEntries(R.map(k => [k, $(`r_${k}`).value])), correct: $("r_correct").checked, anyway: $("r_anyway").checked });
  let row = null, entered_as = null;
  const redo = () => { row = null; $("r_write").disabled = true; $("r_problem").textContent = ""; };
  $("report").addEventListener("click", () => { $("r_on").value ||= new Date().toLocaleDateString("sv"); redo(); $("reporting").showModal(); });
  for (const k of [...R, "correct", "anyway"]) $(`r_${k}`).addEventListener("input", redo);
  const failed = found => { if (found?.problems) { $("r_problem").textContent = found.problems.map(p => p.said).join("\n"); return true; } return !found; };
  $("r_check").addEventListener("click", async () => {
    redo(); $("r_said").textContent = "Checking it against today's forecast";
    const asks = JSON.stringify(said_of()), found = await ask("draft", said_of());
    if (asks !== JSON.stringify(said_of())) return;
    $("r_said").textContent = "";
    if (failed(found)) return;
    row = found.row; $("r_write").disabled = false;
    $("r_said").textContent = [`To be written into ${found.place}:`, found.row, ...found.notes].join("\n");
  });
  $("r_write").addEventListener("click", async () => {
    $("r_write").disabled = true;
    const found = await ask("report", { ...said_of(), row });
    if (failed(found)) return;
    entered_as = { outcome: found.outcome, period: found.period }; $("r_back").hidden = false;
    $("r_said").textContent = `Written: ${row}\nThe forecast with it is being made; half a minute or so. You may close this and go on.`;
    state = { ...state, day: found.day }; past = []; future = [];
    await load(true);
    const effect = await ask("effect");
    $("r_said").textContent = failed(effect) ? "It was taken back." : [`Written: ${row}`, "", ...effect.lines].join("\n");
    if (effect?.problems) { $("r_back").hidden = true; await load(true); }
  });
  $("r_back").addEventListener("click", async () => {
    const found = await ask("take_back", entered_as);
    if (failed(found)) return;
    $("r_back").hidden = true; redo(); $("r_said").textContent = `Taken back: ${found.row}`;
    state = { ...state, day: found.day }; past = []; future = [];
    await load(true);
  });

  $("undo").addEventListener("click", () => step(past, future)); $("redo").addEventListener("click", () => step(future, past));
  $("reset").addEventListener("click", () => { change(next => { next.edits = {}; next.origin = {}; }, false); refresh(null, true); soon(); });
  ["find", "only", "order"].forEach(id => $(id).addEventListener("input", sift));
  document.addEventListener("keydown", event => {
    const typing = event.target.matches("input[type=text], input[type=search], input[type=number], textarea, #name, #label");
    if (event.key === "/" && !typing) { event.preventDefault(); $("find").focus(); }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !$("saving").open) { event.preventDefault(); if (event.shiftKey) step(future, past); else step(past, future); }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "y" && !$("saving").open) { event.preventDefault(); step(future, past); }
  });
  window.addEventListener("focus", () => { if (form && !$("stale").hidden && !refused().length) soon(); });  // a file may have been mended meanwhile
  window.addEventListener("beforeunload", event => { if (Object.keys(state.edits).length) event.preventDefault(); });
  $("stop").addEventListener("click", stop);
  history.replaceState(null, "", "/");  // the token stays in no address
  load();
})();
