// The feed: pictures that never wait for a model, what is done with them, and who chose them.

import { keepActions } from "./acting.js";
import { keepAsking } from "./asking.js";
import { recall, remember } from "./memory.js";
import { keepPanel } from "./panel.js";
import { keepShares } from "./shares.js";
import { somebodyNew, whoVisits } from "./visitor.js";
import { buildWall } from "./wall.js";

const NOTE_MS = 6000;
const AGAIN_MS = 3000;
const MOST_LIKES = 2000;

const page = document.querySelector("[data-feed]");
const { feed, model, edition } = page.dataset;
const mayAct = "mayAct" in page.dataset;
const user = whoVisits();
begin();

async function begin() {
  const details = page.querySelector("[data-panel] details");
  details.open = matchMedia("(min-width: 60rem)").matches;
  introduce(page.querySelector("[data-visitor]"));
  const panel = keepPanel(page.querySelector("[data-panel]"));
  const note = keepNote(page.querySelector("[data-note]"));
  const serve = keepShares(page.querySelector("[data-shares]"), user);
  const act = keepActions(mayAct, panel.showActions);
  const likes = new Set(recall(`likes.${user}`, []));
  const catalogue = await itemsOf(panel);
  const show = buildWall(page.querySelector("[data-wall]"), {
    catalogue,
    edition,
    isLiked: (item) => likes.has(item),
    seen: (item) => act(user, item, "view"),
    like(item) {
      likes.add(item);
      remember(`likes.${user}`, [...likes].slice(-MOST_LIKES));
      act(user, item, "like");
    },
  });

  let before; // what is shown: undefined at first, null while no feed is known
  keepAsking({
    feed,
    model,
    user,
    mayAsk: mayAct,
    told(state) {
      panel.show(state);
      const served = state ? state.served : null;
      if (before === undefined || (served && served.request !== before?.request)) {
        show(served?.value.pictures ?? []);
        if (served) serve(served);
        if (before !== undefined) note(news(before, served));
        before = served;
      }
    },
  });
}

// The catalogue; where it cannot be had now, it is asked for until it can.
async function itemsOf(panel) {
  for (;;) {
    const answer = await fetch("/feed/items").catch(() => null);
    if (answer?.ok) return (await answer.json()).items;
    panel.show(null);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

function news(before, served) {
  const { model } = served.value;
  if (model && before?.value.model !== model) return `New model: version ${model}`;
  return before?.stand_in && !served.stand_in ? "Your own feed is here" : "Your feed was computed anew";
}

// A few words at the edge of the window, for some seconds.
function keepNote(place) {
  let timer;
  return (text) => {
    place.textContent = text;
    place.classList.add("there");
    clearTimeout(timer);
    timer = setTimeout(() => place.classList.remove("there"), NOTE_MS);
  };
}

function introduce(form) {
  form.elements.user.value = user;
  form.hidden = false;
  form.querySelector("[data-new]").addEventListener("click", () => {
    location.assign(`/feed?user=${somebodyNew()}`);
  });
}
