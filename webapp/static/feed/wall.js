// The pictures: endless, liked by two clicks, two taps, the button or the key L. A newer feed replaces
// those that nobody has scrolled to; what has been seen stays where it is.

const CHUNK = 12;
const AHEAD_PX = 1000;
const SEEN_MS = 800;
const SEEN_SHARE = 0.6;
const DOUBLE_MS = 400;
const AGAIN_MS = 3000;

export function buildWall(place, { catalogue, edition, isLiked, seen, like }) {
  const model = place.querySelector("template");
  const end = place.querySelector("[data-end]");
  const pictures = () => [...place.querySelectorAll("article")];
  let toCome = [];
  let served = [];
  let shown = new Set();
  let hasBegun = false; // before the first feed is known to be there or not, there is nothing to show

  // The feed first, then the rest of the catalogue, then all again: there is always a next one.
  function next() {
    if (!toCome.length) toCome = shuffled(catalogue.filter((item) => !shown.has(item)));
    if (!toCome.length) {
      shown = new Set();
      toCome = [...new Set([...served, ...shuffled(catalogue)])];
    }
    const item = toCome.shift();
    shown.add(item);
    return item;
  }

  function fill() {
    const lacks = () =>
      hasBegun && (catalogue.length || toCome.length) && end.getBoundingClientRect().top < innerHeight + AHEAD_PX;
    if (!lacks()) return;
    while (lacks()) {
      const from = pictures().length;
      const added = Array.from({ length: CHUNK }, (_each, place) => picture(next(), from + place + 1));
      end.before(...added);
    }
    place.setAttribute("aria-busy", "false");
    // Looked at anew: that the end went and came back between two looks would be told by nobody.
    ends.unobserve(end);
    ends.observe(end);
  }

  function picture(item, position) {
    const article = model.content.cloneNode(true).firstElementChild;
    const [category, number] = parts(item);
    article.dataset.item = item;
    article.setAttribute("aria-posinset", position);
    article.setAttribute("aria-label", item);
    const image = article.querySelector("img");
    image.src = `/feed/pictures/${encodeURIComponent(item)}.svg?${edition}`;
    let again = AGAIN_MS; // all is away, or the picture is no more
    image.addEventListener("error", () => {
      setTimeout(() => (image.src = image.src), again);
      again *= 2;
    });
    article.querySelector("[data-is=category]").textContent = category;
    article.querySelector("[data-is=number]").textContent = number;
    const button = article.querySelector("button");
    button.setAttribute("aria-label", `Like ${item}`);
    button.setAttribute("aria-pressed", String(isLiked(item)));
    looks.observe(article);
    return article;
  }

  const looks = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting, intersectionRatio } of entries) {
        if (isIntersecting) target.dataset.reached = "";
        clearTimeout(target.timer);
        if (intersectionRatio < SEEN_SHARE || "seen" in target.dataset) continue;
        target.timer = setTimeout(() => {
          if (document.hidden) return;
          target.dataset.seen = "";
          looks.unobserve(target);
          seen(target.dataset.item);
        }, SEEN_MS);
      }
    },
    { threshold: [0, SEEN_SHARE] },
  );
  const ends = new IntersectionObserver(fill, { rootMargin: `${AHEAD_PX}px` });
  ends.observe(end);
  addEventListener("resize", fill);

  function likeIt(article) {
    const button = article.querySelector("button");
    const pop = article.querySelector("[data-pop]");
    pop.classList.remove("popping");
    pop.getBoundingClientRect(); // so that it begins anew
    pop.classList.add("popping");
    if (button.getAttribute("aria-pressed") === "true") return;
    button.setAttribute("aria-pressed", "true");
    like(article.dataset.item);
  }

  // Two taps too: not every browser makes a double click of them.
  let before = { at: -DOUBLE_MS, on: null };
  place.addEventListener("pointerup", (event) => {
    const on = event.target.closest("[data-picture]");
    const isSecond = on && on === before.on && event.timeStamp - before.at < DOUBLE_MS;
    before = { at: isSecond ? -DOUBLE_MS : event.timeStamp, on };
    if (isSecond) likeIt(on.closest("article"));
  });
  place.addEventListener("click", (event) => {
    if (event.target.closest("button")) likeIt(event.target.closest("article"));
  });
  place.addEventListener("keydown", (event) => {
    const article = event.target.closest("article");
    if (!article || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === "l") likeIt(article);
    const way = { PageDown: "nextElementSibling", PageUp: "previousElementSibling" }[event.key];
    if (!way || !article[way]?.matches("article")) return;
    event.preventDefault();
    article[way].focus();
  });

  // Shows a feed from the first picture on that nobody has scrolled to.
  return function show(feed) {
    const all = pictures();
    const kept = all.findLastIndex(
      (each) => "reached" in each.dataset || each.getBoundingClientRect().top < innerHeight,
    );
    for (const each of all.slice(kept + 1)) {
      looks.unobserve(each);
      each.remove();
      shown.delete(each.dataset.item);
    }
    hasBegun = true;
    served = feed;
    toCome = feed.filter((item) => !shown.has(item));
    fill();
  };
}

export function parts(item) {
  const found = /^(.+)-(\d+)$/.exec(item);
  return found ? [found[1], found[2]] : [item, ""];
}

function shuffled(items) {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other], mixed[last]];
  }
  return mixed;
}
