// Follows one request to its end, showing where it stands, then what came of it.

const LEAST_MS = 250;
const MOST_MS = 3000;

export async function follow(id, area) {
  const progress = area.querySelector("[data-progress]");
  const link = progress.querySelector("[data-follow]");
  if (location.pathname !== `/requests/${id}`) {
    link.href = `/requests/${id}`;
    link.hidden = false;
  }
  // A later request of the same card takes over.
  progress.dataset.request = id;
  const isCurrent = () => progress.dataset.request === id;
  progress.hidden = false;
  area.querySelector("[data-value]").classList.add("is-old");
  for (let pause = LEAST_MS; isCurrent(); pause = Math.min(pause * 1.3, MOST_MS)) {
    const request = await look(id);
    if (!isCurrent()) return;
    if (request) show(progress, request);
    else say(progress, "The web app does not answer; trying again.");
    if (request?.finished_at) {
      progress.hidden = location.pathname !== `/requests/${id}`;
      return showPiece(area, `/requests/${id}/outcome`, request.status).catch(() => {
        progress.hidden = false;
        say(progress, "The web app does not answer. Load the page again to see the value.");
      });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

export async function showPiece(area, url, heard) {
  const answer = await fetch(url);
  const place = area.querySelector("[data-value]");
  place.innerHTML = await answer.text();
  place.classList.remove("is-old");
  if (!heard) return;
  const value = place.querySelector(".scalar")?.textContent ?? "";
  area.querySelector("[data-heard]").textContent = `${heard} ${value}`.trim();
}

async function look(id) {
  try {
    const answer = await fetch(`/api/v1/requests/${id}`, { cache: "no-store" });
    if (answer.status === 401) location.reload(); // the session has ended: log in
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function show(progress, request) {
  const badge = progress.querySelector("[data-badge]");
  if (badge.textContent !== request.status) {
    badge.textContent = request.status;
    badge.className = `badge ${request.status}`;
    progress.querySelector("[data-heard]").textContent = request.status;
  }
  say(progress, request.finished_at ? "" : (request.waiting_because ?? request.progress.message));
  const bar = progress.querySelector("progress");
  if (request.progress.fraction === null && !request.finished_at) bar.removeAttribute("value");
  else bar.value = request.progress.fraction ?? 0;
  progress.querySelector("[data-eta]").textContent = eta(request);
  showTimes(request);
}

function say(progress, text) {
  const place = progress.querySelector("[data-told]");
  if (place.textContent !== text) place.textContent = text;
}

function eta(request) {
  const seconds = request.eta_seconds;
  if (seconds === null || request.finished_at) return "";
  return seconds < 1.5 ? "about a second" : `about ${Math.round(seconds)} seconds`;
}

// The timeline of the request's own page.
function showTimes(request) {
  for (const cell of document.querySelectorAll("[data-time]")) {
    cell.textContent = request[cell.dataset.time] ?? "not yet";
  }
  const attempt = document.querySelector("[data-attempt]");
  if (attempt && request.attempt) attempt.textContent = request.attempt;
  const run = document.querySelector("[data-run]");
  if (run && request.run && !run.querySelector("a")) {
    const link = document.createElement("a");
    link.href = request.run.url;
    link.textContent = request.run.run_id;
    run.replaceChildren(link);
  }
}
