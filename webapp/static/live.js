// Keeps what a page has shown true while it stays open.

const LOOK_MS = 5000;
const AGES_MS = 1000;
const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

// Ages as the server says them (pages/words.py).
export function keepAges() {
  setInterval(() => {
    for (const time of document.querySelectorAll("time[data-ago][datetime]")) {
      write(time, agoOf(time.dateTime));
    }
  }, AGES_MS);
}

export function agoOf(iso) {
  return ago(Math.max(0, Math.round((Date.now() - Date.parse(iso)) / 1000)));
}

function ago(seconds) {
  if (seconds < 1) return "just now";
  const [unit, size] = UNITS.find(([, size]) => seconds >= 2 * size || seconds === size);
  const count = Math.round(seconds / size);
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

// The counts of one computation, on its own page.
export function keepCounts(area) {
  look(`/api/v1/computations/${area.dataset.computation}`, ({ counts }) => {
    for (const cell of area.querySelectorAll("[data-count]")) {
      write(cell, counts[cell.dataset.count].toLocaleString("en"));
    }
  });
}

// How each computation is, on the first page.
export function keepPulse(area) {
  look("/pulse", ({ told, computations }) => {
    write(document.querySelector("[data-is=told]"), told);
    for (const card of area.querySelectorAll("[data-computation]")) {
      const one = computations[card.dataset.computation];
      if (one) show(card, one);
    }
  });
}

// A part of a page that the server renders anew; not while somebody is in it.
export function keepPart(area) {
  const render = (html) => {
    if (area.contains(document.activeElement) && area !== document.activeElement) return false;
    area.innerHTML = html;
    document.querySelector("[data-filter] input")?.dispatchEvent(new Event("input"));
    return true;
  };
  look(area.dataset.part, render, String);
}

// Asks now and then, and shows what comes back when it is news. What has not changed is answered by
// 304, which the browser keeps to itself.
function look(url, show, read = JSON.parse) {
  let shown = "";
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(url, { cache: "no-cache" });
      if (answer.status === 401) location.reload(); // the session has ended: log in
      const text = answer.ok ? await answer.text() : shown;
      if (text !== shown && show(read(text)) !== false) shown = text;
    } catch {
      // The next round may fare better.
    }
  }, LOOK_MS);
}

function show(card, one) {
  const part = (name) => card.querySelector(`[data-is=${name}]`);
  for (const [name, text] of Object.entries(one.figures)) write(part(name), text);
  const state = part("state");
  write(state, one.state);
  state.className = `badge ${one.state}`;
  state.title = one.means;
  write(part("sparkText"), one.sparkText);
  part("spark").firstElementChild.setAttribute("d", one.spark);
  const trouble = part("trouble");
  if (trouble) {
    write(trouble, one.trouble);
    trouble.title = one.trouble;
    trouble.hidden = !one.trouble;
    part("description").hidden = !trouble.hidden;
  }
  if (one.latest) showLatest(part("latest"), one.latest);
}

function showLatest(place, latest) {
  const value = link(latest.page, latest.text || "a long value");
  value.className = "text";
  value.title = latest.params;
  const time = document.createElement("time");
  time.dateTime = time.title = latest.at;
  time.dataset.ago = "";
  time.textContent = agoOf(latest.at);
  const from = document.createElement("span");
  from.className = "quiet small";
  from.append(time, ...(latest.run ? [" ", link(latest.run, "Run")] : []));
  place.replaceChildren(value, " ", from);
}

function link(url, text) {
  const found = document.createElement("a");
  found.href = url;
  found.textContent = text;
  return found;
}

function write(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}

// Shows the rows that have all the words in the box.
export function filterRows(form) {
  const box = form.querySelector("input");
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  const apply = () => {
    const rows = [...document.querySelectorAll("tbody [data-computation]")];
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    const found = rows.filter((row) => !row.hidden).length;
    write(form.querySelector("[data-is=found]"), words.length ? `${found} of ${rows.length}` : "");
  };
  box.addEventListener("input", apply);
  apply(); // what a browser has kept in the box
}
