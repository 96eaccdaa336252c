// Asks the API what is known, again and again: what has not changed is answered by 304, which the
// browser keeps to itself.

const LOOK_MS = 3000;
const SOON_MS = 800;
const ASK_AGAIN_MS = 30000;

// Whatever its age: by itself the browser would ask for a value that is no second old, and have it
// computed anew each time.
const OF_ANY_AGE = { cache: "no-cache", headers: { "Cache-Control": "max-age=31536000" } };
// Who only looks has nothing trained.
const TO_LOOK = { cache: "no-cache", headers: { "Cache-Control": "only-if-cached" } };

// The document of a known value; null where none has ever been computed. Throws while none can be told.
async function read(url, options = OF_ANY_AGE) {
  const answer = await fetch(url, options);
  if (answer.status === 401) location.reload(); // the session has ended: log in
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

// Tells, for ever: the feed, its model, what computes each, and how many requests and actions wait.
export function keepAsking({ feed, model, user, mayAsk, told }) {
  const of = (name) => `/api/v1/computations/${name}`;
  let own = null; // the request for the visitor's own feed, while there is none
  let askedAt = -ASK_AGAIN_MS;

  const request = (id) => (id ? read(`/api/v1/requests/${id}`) : null);
  const isOver = (document) => !document || document.finished_at !== null;

  async function ask() {
    if (!mayAsk || performance.now() - askedAt < ASK_AGAIN_MS) return;
    askedAt = performance.now();
    const answer = await fetch(`${of(feed)}/requests`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ params: { user }, priority: "interactive" }),
    });
    if (answer.status === 202) own = (await answer.json()).id;
  }

  async function look() {
    const [served, trained, feedCounts, modelCounts, intake] = await Promise.all([
      read(`${of(feed)}/result?user=${encodeURIComponent(user)}`),
      model ? read(`${of(model)}/result`, TO_LOOK) : null,
      read(of(feed)),
      model ? read(of(model)) : null,
      read("/feed/intake"),
    ]);
    if (!served || served.stand_in) await ask();
    const [computing, training] = await Promise.all([
      request(served?.stand_in || !served ? own : served.refreshed_by),
      request(trained?.refreshed_by),
    ]);
    told({
      served,
      trained,
      computing: isOver(computing) ? null : computing,
      training: isOver(training) ? null : training,
      counts: { feed: feedCounts?.counts, model: modelCounts?.counts },
      intake,
    });
    return computing && !isOver(computing) ? SOON_MS : LOOK_MS;
  }

  async function run() {
    let pause = LOOK_MS;
    try {
      if (!document.hidden) pause = await look();
    } catch {
      told(null);
    }
    setTimeout(run, pause);
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look().catch(() => {});
  });
  run();
}
