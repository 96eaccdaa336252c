// Who looks: asked for in the address, remembered, or made up.

import { recall, remember } from "./memory.js";

export function whoVisits() {
  const asked = new URLSearchParams(location.search).get("user") ?? "";
  const user = fitting(asked) || fitting(recall("user", "")) || somebodyNew();
  remember("user", user);
  return user;
}

// As the API takes it: up to 128 visible characters, none of them half.
function fitting(name) {
  return [...name.trim().replace(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, "-")].slice(0, 128).join("");
}

export function somebodyNew() {
  return `visitor-${randomText(4).slice(0, 6)}`;
}

// Letters and digits that nobody else has. (crypto.randomUUID is for secure pages only.)
export function randomText(bytes) {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(drawn, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
