// Who looks: asked for in the address, remembered, or made up.

import { recall, remember } from "./memory.js";

export function whoVisits() {
  const asked = new URLSearchParams(location.search).get("user")?.trim().replace(/\s+/g, "-").slice(0, 128);
  const user = asked || recall("user", "") || somebodyNew();
  remember("user", user);
  return user;
}

export function somebodyNew() {
  return `visitor-${randomText(4).slice(0, 6)}`;
}

// Letters and digits that nobody else has. (crypto.randomUUID is for secure pages only.)
export function randomText(bytes) {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(drawn, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
