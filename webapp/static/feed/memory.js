// What this browser remembers of a visitor. Where it may keep nothing, it is forgotten with the page.

const PREFIX = "batchwell.feed.";
const here = new Map();

export function recall(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? "null") ?? otherwise;
  } catch {
    return here.get(name) ?? otherwise;
  }
}

export function remember(name, value) {
  here.set(name, value);
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // It is full, or closed to us: `here` has it.
  }
}
