// The share of each category in what was served, feed by feed: remembered here, drawn as a chart, and
// told as a table.

import { load } from "../charts.js";
import { recall, remember } from "./memory.js";
import { parts } from "./wall.js";

const FIRST = 50; // a visit sees the first pictures of a feed, hardly its last
const MOST_POINTS = 100;
const MOST_DRAWN = 5;
const LEAST_SECONDS = 60;
const SHORT_SECONDS = 300;

export function keepShares(area, user) {
  const name = `shares.${user}`;
  const place = area.querySelector("[data-plot]");
  let plot = null;

  async function draw() {
    const points = recall(name, []);
    if (!points.length) return;
    area.hidden = false;
    const order = ranked(points.at(-1).shares, points);
    tell(area, points, order);
    const uPlot = await load();
    plot?.destroy();
    plot = chart(uPlot, place, points, order);
  }

  new ResizeObserver(() => {
    if (plot && place.clientWidth && place.clientWidth !== plot.width) {
      plot.setSize({ width: place.clientWidth, height: plot.height });
    }
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw().catch(() => {}));
  area.closest("details")?.addEventListener("toggle", () => draw().catch(() => {}));
  draw().catch(() => {}); // the table remains

  // Adds a point for a feed that was not served before.
  return (served) => {
    const points = recall(name, []);
    const { value, request, computed_at } = served;
    if (!value.pictures.length || points.at(-1)?.request === request) return;
    const point = { at: Date.now() / 1000, request, computed_at, model: value.model, kind: value.kind, shares: shares(value.pictures) };
    remember(name, [...points, point].slice(-MOST_POINTS));
    draw().catch(() => {});
  };
}

function shares(pictures) {
  const first = pictures.slice(0, FIRST);
  const found = {};
  for (const item of first) {
    const [category] = parts(item);
    found[category] = (found[category] ?? 0) + 1 / first.length;
  }
  return found;
}

// All categories there ever were: those with the largest share now first.
function ranked(now, points) {
  const all = new Set(points.flatMap((point) => Object.keys(point.shares)));
  return [...all].sort((one, other) => (now[other] ?? 0) - (now[one] ?? 0) || one.localeCompare(other));
}

function tell(area, points, order) {
  const latest = points.at(-1).shares;
  const told = order.slice(0, 3).filter((category) => latest[category]);
  area.querySelector("[data-is=told]").textContent = told
    .map((category) => `${category} ${percent(latest[category])}`)
    .join(", ");
  const head = row("th", ["Served", "Kind", "Model", ...order]);
  const body = points.toReversed().map(({ at, kind, model, shares }) => {
    const cells = order.map((category) => (shares[category] ? percent(shares[category]) : "0"));
    return row("td", [clock(at), kind, model, ...cells]);
  });
  area.querySelector(":scope details thead").replaceChildren(head);
  area.querySelector(":scope details tbody").replaceChildren(...body);
}

function row(tag, texts) {
  const made = document.createElement("tr");
  texts.forEach((text, place) => {
    const cell = document.createElement(place || tag === "th" ? tag : "th");
    cell.textContent = text;
    if (cell.tagName === "TH") cell.scope = tag === "th" ? "col" : "row";
    if (place > 2) cell.className = "number";
    made.append(cell);
  });
  return made;
}

// Areas that stand upon each other: the largest category of now at the bottom, all others on top.
function chart(uPlot, place, points, order) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const drawn = order.slice(0, MOST_DRAWN);
  const rest = order.slice(MOST_DRAWN);
  const named = [...drawn, ...(rest.length ? ["others"] : [])];
  const until = Math.max(Date.now() / 1000, points[0].at + LEAST_SECONDS);
  const times = [...points.map((point) => point.at), until];
  const told = until - times[0] < SHORT_SECONDS ? toTheSecond : clock;
  const lines = [...points, points.at(-1)].map(({ shares }) =>
    named.map((name) => (name === "others" ? rest.reduce((sum, each) => sum + (shares[each] ?? 0), 0) : (shares[name] ?? 0))),
  );
  const upTo = (line, count) => line.slice(0, count).reduce((sum, share) => sum + share, 0);
  // The highest is drawn first, so that each hides what is below it.
  const series = named.map((name, index) => ({
    label: name,
    stroke: colour("--paper"),
    fill: colour(`--share-${index + 1}`),
    width: 1,
    paths: uPlot.paths.stepped({ align: 1 }),
    points: { show: false },
    heights: lines.map((line) => upTo(line, index + 1)),
    value: (_plot, _value, _series, at) => (at === null ? "" : percent(lines[at][index])),
  })).reverse();
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const options = {
    width: place.clientWidth || 280,
    height: 180,
    scales: { y: { range: [0, 1] } },
    axes: [
      { ...axis, size: 30, space: 70, values: (_plot, splits) => splits.map(told) },
      { ...axis, size: 46, grid: { show: false }, values: (_plot, splits) => splits.map(percent) },
    ],
    series: [{ value: (_plot, at) => (at === null ? "" : told(at)) }, ...series],
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    legend: { live: true },
  };
  return new uPlot(options, [times, ...series.map((one) => one.heights)], place);
}

function percent(share) {
  return `${Math.round(share * 100)} %`;
}

function clock(at) {
  return toTheSecond(at).slice(0, -3);
}

function toTheSecond(at) {
  return new Date(at * 1000).toLocaleTimeString("en-GB");
}
