// Keeps what the visitor does until the API has taken it, and sends it in bulk. Each action has an id,
// so that one which is sent twice counts once.

import { recall, remember } from "./memory.js";
import { randomText } from "./visitor.js";

const SEND_MS = 2000;
const LONGEST_MS = 60000;
const MOST_KEPT = 5000;
const MOST_SENT = 400; // what is sent while the page is left may have 64 KiB
const OLD_MS = 30000;

export function keepActions(mayAct, told) {
  const underWay = new Set();
  let failures = 0;
  let notBefore = 0;
  let serverAhead = 0; // by how many milliseconds its clock is

  const waiting = () => recall("actions", []);
  const keep = (actions) => {
    remember("actions", actions.slice(-MOST_KEPT));
    told(actions.length, failures > 0);
  };

  // The server's clock counts; an action that had to wait says when it happened, by that clock.
  const spelled = ({ user, item, action, id, happened }) =>
    Date.now() - happened < OLD_MS
      ? { user, item, action, id }
      : { user, item, action, id, at: new Date(happened + serverAhead).toISOString() };

  async function send({ leaving = false } = {}) {
    if (!leaving && (underWay.size || Date.now() < notBefore)) return;
    const batch = waiting().filter(({ id }) => !underWay.has(id)).slice(0, MOST_SENT);
    if (!batch.length) return;
    for (const { id } of batch) underWay.add(id);
    let done = new Set();
    let pause = null;
    try {
      const answer = await fetch("/api/v1/actions", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ items: batch.map(spelled) }),
        keepalive: leaving,
      });
      const clock = Date.parse(answer.headers.get("Date"));
      if (clock) serverAhead = clock - Date.now();
      if (isForLater(answer.status)) {
        pause = Number(answer.headers.get("Retry-After")) * 1000 || 0;
      } else {
        done = await taken(answer, batch);
        if (done.size < batch.length) pause = 0;
      }
    } catch {
      pause = 0; // the web app is away
    }
    failures = pause === null ? 0 : failures + 1;
    notBefore = pause === null ? 0 : Date.now() + Math.max(pause, Math.min(LONGEST_MS, 1000 * 2 ** failures));
    for (const { id } of batch) underWay.delete(id);
    keep(waiting().filter((action) => !done.has(action.id)));
  }

  setInterval(send, SEND_MS);
  addEventListener("pagehide", () => send({ leaving: true }));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) send({ leaving: true });
  });
  told(waiting().length, false);

  return (user, item, action) => {
    if (!mayAct) return;
    keep([...waiting(), { user, item, action, id: randomText(12), happened: Date.now() }]);
  };
}

// The store is away or full, the visitor was too quick, or his session has ended: what he did is kept.
function isForLater(status) {
  return status >= 500 || status === 429 || status === 401;
}

// The ids that need not be sent again: all but those of a visitor who was too quick.
async function taken(answer, batch) {
  const { refused = [] } = answer.ok ? await answer.json() : {};
  const again = new Set(refused.filter(({ outcome }) => outcome === "limited").map(({ index }) => index));
  return new Set(batch.filter((_action, index) => !again.has(index)).map(({ id }) => id));
}
