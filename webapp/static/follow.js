// Follows one request to its end, showing where it stands, then what came of it.

const AGAIN_MS = 3000;

// One stream a page: a later request takes over.
let stream = null;

export function follow(id, area) {
  const progress = area.querySelector("[data-progress]");
  const link = progress.querySelector("[data-follow]");
  const isOwnPage = location.pathname === `/requests/${id}`;
  link.href = `/requests/${id}`;
  link.hidden = isOwnPage;
  progress.dataset.request = id;
  progress.hidden = false;
  area.querySelector("[data-value]").classList.add("is-old");
  stream?.close();
  stream = new EventSource(`/api/v1/requests/${id}/events`);
  const own = stream;
  for (const name of ["status", "progress", "end"]) {
    own.addEventListener(name, async (event) => {
      const request = JSON.parse(event.data);
      showProgress(progress, request);
      if (name !== "progress") showTimeline(id);
      if (name !== "end") return;
      own.close();
      progress.hidden = !isOwnPage;
      try {
        await showPiece(area, `/requests/${id}/outcome`, request.status);
        await showKnown();
      } catch {
        progress.hidden = false;
        say(progress, "The web app does not answer. Load the page again to see the value.");
      }
    });
  }
  own.addEventListener("error", () => {
    say(progress, "The web app does not answer; trying again.");
    // The browser connects again by itself, but not after an answer that refuses.
    if (own.readyState === EventSource.CLOSED) setTimeout(() => begin(id, area, own), AGAIN_MS);
  });
}

async function begin(id, area, before) {
  if (stream !== before) return;
  const answer = await fetch(`/requests/${id}`, { method: "HEAD" }).catch(() => null);
  if (answer?.status === 401) location.reload(); // the session has ended: log in
  else if (stream === before) follow(id, area);
}

export async function showPiece(area, url, heard) {
  const place = area.querySelector("[data-value]");
  place.innerHTML = await piece(url);
  place.classList.remove("is-old");
  if (!heard) return;
  const value = place.querySelector(".scalar")?.textContent ?? "";
  area.querySelector("[data-heard]").textContent = `${heard} ${value}`.trim();
}

// What the computation's page lists of values and failures.
async function showKnown() {
  const place = document.querySelector("[data-known]");
  if (place) place.innerHTML = await piece(place.dataset.known);
}

// What the request's own page tells of its way.
async function showTimeline(id) {
  const place = document.querySelector("[data-timeline]");
  if (place) place.innerHTML = await piece(`/requests/${id}/timeline`).catch(() => place.innerHTML);
}

async function piece(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.text();
}

export function showProgress(progress, request) {
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
  bar.hidden = request.finished_at !== null && request.status !== "succeeded";
  progress.querySelector("[data-eta]").textContent = eta(request);
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
