// Says beside the pictures which model chose them, how good and how old it is, and what is under way.

import { showProgress } from "../follow.js";
import { agoOf } from "../live.js";

const KINDS = {
  personal: "chosen by what you like",
  popular: "what most people like",
  random: "no model yet: the catalogue in any order",
};

export function keepPanel(panel) {
  const part = (name) => panel.querySelector(`[data-is=${name}]`);
  const write = (name, text) => {
    if (part(name).textContent !== text) part(name).textContent = text;
  };
  const show = (name, isThere) => (part(name).closest("[data-row]").hidden = !isThere);

  function showServed(served) {
    const kind = served?.value.kind ?? "random";
    write("kind", kind === "random" ? "no model" : kind);
    part("kind").className = `badge ${kind === "personal" ? "fresh" : "stale"}`;
    const means = served?.stand_in ? `${KINDS[kind]}, until your own feed is computed` : (KINDS[kind] ?? "");
    write("means", served?.value.model ? `by version ${served.value.model}: ${means}` : means);
    show("feedAge", served);
    if (served) age("feedAge", served.computed_at);
  }

  function showModel(served, trained) {
    if (!part("version")) return; // the feed depends on no computation
    const version = served ? served.value.model : trained?.value.version;
    show("version", version);
    write("version", `version ${version}`);
    const isThis = trained && trained.value.version === version;
    write("newer", trained && !isThis ? `${trained.value.version} is there` : "");
    show("modelAge", isThis);
    if (isThis) age("modelAge", trained.computed_at);
    const { dag_id, run_id } = (isThis && trained.provenance) || {};
    part("run").hidden = !run_id;
    if (run_id) part("run").href = `/runs/${encodeURIComponent(dag_id)}/${encodeURIComponent(run_id)}`;
    const recall = trained?.value.recall_at_10;
    show("recall", typeof recall === "number");
    if (typeof recall !== "number") return;
    const popular = trained.value.popular_recall_at_10;
    bar("recall", recall, Math.max(recall, popular));
    bar("popular", popular, Math.max(recall, popular));
  }

  function bar(name, value, most) {
    write(name, value.toFixed(3));
    panel.querySelector(`[data-bar=${name}]`).value = most ? value / most : 0;
  }

  function age(name, iso) {
    const time = part(name);
    if (time.dateTime === iso) return;
    time.dateTime = time.title = iso;
    time.textContent = agoOf(iso);
  }

  function showUnderWay({ training, computing, counts, intake }) {
    follow("training", training, counts.model);
    follow("computing", computing, counts.feed);
    const feeds = counts.feed ? counts.feed.pending + counts.feed.running : 0;
    const isBusy = training || computing || feeds || counts.model?.pending || counts.model?.running;
    show("feeds", feeds > 1);
    write("feeds", feeds.toLocaleString("en"));
    show("intake", intake?.waiting);
    write("intake", (intake?.waiting ?? 0).toLocaleString("en"));
    part("rest").hidden = Boolean(isBusy || intake?.waiting);
  }

  // A request with its bar; where its id is not known, that there is one.
  function follow(name, request, counts) {
    const row = panel.querySelector(`[data-row=${name}]`);
    row.hidden = !request;
    if (request) showProgress(row.querySelector("[data-progress]"), request);
    const unnamed = panel.querySelector(`[data-row=${name}Unnamed]`);
    if (unnamed) unnamed.hidden = Boolean(request) || !(counts?.pending || counts?.running);
  }

  return {
    show(state) {
      part("away").hidden = state !== null;
      if (!state) return;
      showServed(state.served);
      showModel(state.served, state.trained);
      showUnderWay(state);
    },
    showActions(count, isFailing) {
      show("actions", count);
      write("actions", count.toLocaleString("en"));
      part("actionsTold").textContent = isFailing ? "kept here until the web app takes them" : "about to be sent";
    },
  };
}
