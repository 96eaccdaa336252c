// Keeps what a page has shown true while it stays open.

const COUNTS_MS = 5000;
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
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const text = ago(Math.round((Date.now() - Date.parse(time.dateTime)) / 1000));
      if (time.textContent !== text) time.textContent = text;
    }
  }, AGES_MS);
}

function ago(seconds) {
  if (seconds < 1) return "just now";
  const [unit, size] = UNITS.find(([, size]) => seconds >= 2 * size || seconds === size);
  const count = Math.round(seconds / size);
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

export function keepCounts(area) {
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch("/api/v1/computations", { cache: "no-store" });
      if (answer.ok) showCounts(area, (await answer.json()).computations);
    } catch {
      // The next round may fare better.
    }
  }, COUNTS_MS);
}

function showCounts(area, computations) {
  for (const { name, counts } of computations) {
    const card = area.matches(`[data-computation="${name}"]`)
      ? area
      : area.querySelector(`[data-computation="${name}"]`);
    for (const cell of card?.querySelectorAll("[data-count]") ?? []) {
      cell.textContent = counts[cell.dataset.count].toLocaleString("en");
    }
  }
}
