// A clock that only moves when it is told to, a server whose answers take any time, and a user at random; the page's own script runs on
// them unchanged. Every answer carries the question that it is of; what is shown is held against what stands on the screen.
"use strict";
const sim = { clock: 0, queue: [], ids: 0, faults: [], checks: 0, fresh: 0, done: false, latest: {} };
const channel = new MessageChannel(), waiting = [];
channel.port1.onmessage = () => waiting.shift()();
const settle = async () => { for (let n = 0; n < 3; n++) await new Promise(go => { waiting.push(go); channel.port2.postMessage(0); }); };
window.setTimeout = (work, after = 0, ...more) => { const id = ++sim.ids; sim.queue.push({ at: sim.clock + after, id, run: () => work(...more) }); return id; };
window.clearTimeout = id => { sim.queue = sim.queue.filter(each => each.id !== id); };
performance.now = () => sim.clock; Date.now = () => 1e12 + sim.clock;
history.replaceState = () => {}; crypto.randomUUID = () => "page";
let seed = SEED;
const random = most => { seed = (seed * 48271) % 2147483647; return seed % most; };

const PATHS = ["a.one", "a.two", "b.three", "b.four"], SCENARIOS = ["bear", "bull"], DAYS = ["2026-02-01", "2026-03-01"];
const BASE_DAY = "2026-01-15";
function file_says(path, key, scenarios, day) {  // what the files say: a scenario and a day change some of it
  const at = PATHS.indexOf(path), base = 1000 * (at + 1) + { p10: 100, p50: 200, p90: 300 }[key];
  return base + (scenarios.includes("bear") && at === 0 ? 10 : 0) + (scenarios.includes("bull") && at === 2 ? 20 : 0) + (day === DAYS[1] && at === 3 ? 5 : 0);
}
const tag = (scenarios, day, number, to) => JSON.stringify([[...scenarios].sort(), day ?? BASE_DAY, to || "", PATHS.flatMap(p => ["p10", "p50", "p90"].map(k => number(p, k)))]);
const of_question = q => tag(q.scenarios, q.as_of, (p, k) => q.edits[p]?.[k] ?? file_says(p, k, q.scenarios, q.as_of), q.to);
const of_screen = () => tag(
  SCENARIOS.filter((_, n) => document.querySelectorAll("#scenarios input")[n].checked), document.getElementById("dayname").textContent.slice(0, 10),
  (p, k) => Number(document.querySelector(`[data-path="${p}"] input[data-key=${k}]`).value.replace(/_/g, "")),
  document.getElementById("to").value,
);

function reply(kind, q) {
  const question = of_question(q), stamp = "1";
  if (kind === "form") return {
    title: "t", question: "q", base_day: BASE_DAY, start: null, target: 5, stamp, days: DAYS, horizons: ["2027-12"], reported: [], measures: [["", "in doubt"], ["x:p50", "x"]], figures: { f: "f" },
    scenarios: SCENARIOS.map(name => ({ name, label: name, story: "" })),
    groups: ["a", "b"].map(name => ({ name, fields: PATHS.filter(p => p[0] === name).map(path => ({
      path, label: path, unit: "1", evidence: "e", source: "s", why: "w", day: BASE_DAY, set_by: "base case", said: "", curve: [], fixed: false, public: [],
      keys: Object.fromEntries(["p10", "p50", "p90"].map(k => [k, file_says(path, k, q.scenarios, q.as_of)])),
    })) })),
  };
  if (kind === "answer") return {
    chance: .5, error: .01, chance_said: question, in_doubt: true, p50: 1, key: [question], spread: ["1", "2", "3"], draws: q.draws, hash: "h", label: "l", given: "", dial: DIAL,
    fan: Array.from({ length: 7 }, () => Array(12).fill(1)), needed: 1, open: 0, reported: {}, years: [], segments: [[question, "1", "2", "3"]], curves: {}, stamp,
  };
  if (kind === "tornado") return { what: "x", unit: "1", of_chance: false, now: 1, now_said: question, bars: [{ path: PATHS[random(4)], label: "one", low: 1, high: 2, size: 1, low_said: "1", high_said: "2" }] };
  if (kind === "sides") return { columns: ["Base case", "now"], rows: [{ label: question, cells: [{ value: "1", against: "" }, { value: "2", against: "+1" }] }], changes: [[], []], curves: [Array(33).fill(0).map((_, n) => n), Array(33).fill(0).map((_, n) => n)], stamp };
  if (kind === "quarters") return { rows: [["", "Q1"], [question, "1"]] };
  if (kind === "bridge") return { lines: [question] };
  if (kind === "learned") return { lines: [question], each: {} };
  return { stopped: true };
}
window.fetch = (url, { body }) => new Promise(resolve => {
  const kind = url.split("/").pop(), q = JSON.parse(body), slow = { answer: 400, form: 300 }[kind] ?? 2000;
  sim.latest[kind] = Math.max(q.number, sim.latest[kind] ?? 0);
  const run = () => resolve({ json: async () => q.number < sim.latest[kind] && random(2) ? { overtaken: true, number: q.number } : { ...reply(kind, q), number: q.number } });
  sim.queue.push({ at: sim.clock + random(slow), id: ++sim.ids, run });
});

function check(when) {
  const $ = id => document.getElementById(id), shown = document.querySelectorAll("#groups input");
  if (!shown.length || [...shown].some(i => i.hasAttribute("aria-invalid"))) return;
  const fault = (what, said) => sim.faults.push(`${when} at ${sim.clock}: ${what} is of ${said}, the screen of ${of_screen()}`);
  sim.checks++;
  if (!$("answers").classList.contains("old")) {
    sim.fresh++;
    const said = $("chance").textContent.replace("P(target) ", "");
    if (said !== of_screen()) fault("the headline", said);
    if ($("key").textContent !== of_screen()) fault("the key numbers", $("key").textContent);
  }
  for (const [kind, text] of [["tornado", $("tornado").tHead?.rows[0].cells[3].textContent.replace(/^now | 1$/g, "")], ["quarters", $("quarters").tBodies[0]?.rows[0].cells[0].textContent], ["sides", $("sides").tBodies[0]?.rows[0].cells[0].textContent], ["bridge", $("bridge").hidden ? null : $("bridge").textContent], ["learned", $("learnedbox").hidden ? null : $("learned").textContent]])
    if (text && !document.querySelector(`[data-study="${kind}"]`).classList.contains("older") && text !== of_screen()) fault(kind, text);
}
async function advance(time) {
  const end = sim.clock + time;
  for (;;) {
    sim.queue.sort((a, b) => a.at - b.at || a.id - b.id);
    if (!sim.queue.length || sim.queue[0].at > end) break;
    const next = sim.queue.shift();
    sim.clock = next.at; next.run(); await settle(); check("after an event");
  }
  sim.clock = end;
}
function act() {
  const $ = id => document.getElementById(id), boxes = document.querySelectorAll("#groups input"), chips = document.querySelectorAll("#scenarios input");
  const [what, box] = [random(13), boxes[random(boxes.length)]];
  if (what < 5 && box) { box.value = random(12) ? String(Number(box.value.replace(/_/g, "")) + random(9) - 4) : "2x"; box.dispatchEvent(new Event("input", { bubbles: true })); }
  else if (what === 5) $("undo").click();
  else if (what === 6) $("redo").click();
  else if (what === 7) $("reset").click();
  else if (what === 8 && chips.length) chips[random(chips.length)].click();
  else if (what === 9) { $("day").value = String(random(3)); $("day").oninput?.(); $("day").onchange?.(); }
  else if (what === 10 && !$("stop").hidden) $("stop").click();
  else if (what === 12) { $("to").value = random(2) ? "2027-12" : ""; $("to").onchange?.(); }
  else if (what === 11) { const beside = document.querySelectorAll("#beside input"); beside[random(beside.length)]?.click(); }
}
async function sequences(count) {
  await settle(); await advance(10000);
  for (let n = 0; n < count; n++) {
    for (let step = 2 + random(8); step > 0; step--) { act(); await settle(); check("after an act"); await advance(random(3) ? random(120) : random(3000)); }
    if (n % 5 === 0) { document.getElementById("reset").click(); await advance(20000); check("at rest"); if (document.getElementById("answers").classList.contains("old")) sim.faults.push(`at rest the answer is an older one: ${document.getElementById("stale").textContent}`); }
    if (sim.faults.length) break;
  }
  sim.done = true;
}
