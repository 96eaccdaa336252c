// Draws a computation over time, from the table that the server sends, and keeps it true.

const RENEW_MS = 60000;
const DASHES = [[], [6, 4], [2, 3]];
const COLOURS = ["--accent", "--aged", "--bad"];
const WHOLE = [...Array(10).keys()].flatMap((power) => [1, 2, 5].map((first) => first * 10 ** power));

let library;

// uPlot, once it is needed.
export function load() {
  library ??= new Promise((resolve, reject) => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL("vendor/uPlot.min.css", import.meta.url);
    const script = document.createElement("script");
    script.src = new URL("vendor/uPlot.iife.min.js", import.meta.url);
    script.addEventListener("load", () => resolve(window.uPlot));
    script.addEventListener("error", reject);
    document.head.append(style, script);
  });
  return library;
}

export function keepCharts(section) {
  const near = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      begin(section);
    },
    { rootMargin: "400px" },
  );
  near.observe(section);
}

async function begin(section) {
  let span = new URLSearchParams(location.search).get("span") ?? "minutes";
  let plots = [];
  const draw = async () => {
    for (const plot of plots) plot.destroy();
    plots = await drawAll(section);
  };
  const renew = async () => {
    const answer = await fetch(`/computations/${section.dataset.history}/charts?span=${span}`);
    if (!answer.ok) return;
    const isOpen = section.querySelector("details")?.open;
    const before = section.querySelector("[data-charts], [data-lacking]");
    const focused = before.contains(document.activeElement) ? span : "";
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    before.replaceWith(holder.content);
    if (isOpen && section.querySelector("details")) section.querySelector("details").open = true;
    if (focused) section.querySelector("[data-spans] [aria-current]")?.focus();
    await draw();
  };
  section.addEventListener("click", (event) => {
    const link = event.target.closest("[data-spans] a");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    span = new URL(link.href).searchParams.get("span");
    renew().catch(() => location.assign(link.href));
  });
  setInterval(() => {
    // Not under the hands of somebody who reads the table.
    const reads = section.querySelector("details")?.contains(document.activeElement);
    if (!document.hidden && !reads) renew().catch(() => {});
  }, RENEW_MS);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  const first = section.querySelector("[data-charts]") ? draw() : renew();
  await first.catch(() => {}); // the table and the link to it remain
}

async function drawAll(section) {
  const places = [...section.querySelectorAll("[data-plot]")];
  if (!places.length) return [];
  const uPlot = await load();
  const data = read(section);
  return places.map((place) => drawOne(uPlot, place, data));
}

// The columns of the table by name, with all the times in which nothing happened.
function read(section) {
  const { since, until, step } = section.querySelector("[data-charts]").dataset;
  const times = [];
  for (let at = Number(since); at <= Number(until); at += Number(step)) times.push(at);
  const heads = [...section.querySelectorAll("th[data-column]")];
  const rows = new Map();
  for (const row of section.querySelectorAll("tr[data-at]")) rows.set(Number(row.dataset.at), row.cells);
  const columns = new Map();
  heads.forEach((head, place) => {
    const name = head.dataset.column;
    const lacking = /^(latency|batch)_/.test(name) ? null : 0;
    const values = times.map((at) => Number(rows.get(at)?.[place + 1].dataset.v ?? NaN));
    columns.set(name, {
      label: head.textContent.replace(" (s)", "").split(", ").at(-1),
      values: values.map((value) => (Number.isNaN(value) ? lacking : value)),
    });
  });
  return { times, columns, step: Number(step) };
}

function drawOne(uPlot, place, { times, columns, step }) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const told = place.dataset.unit === "seconds" ? seconds : count;
  const names = place.dataset.plot.split(" ");
  const isCount = !/^(latency|batch)_/.test(names[0]);
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const options = {
    width: place.clientWidth,
    height: place.clientHeight - 28, // the legend's line
    scales: { y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.1 : 1] } },
    axes: [
      { ...axis, size: 30, space: 60, values: (_plot, splits) => splits.map((at) => tick(at, step)) },
      { ...axis, size: 56, incrs: told === count ? WHOLE : undefined, values: (_plot, splits) => splits.map(told) },
    ],
    series: [
      { value: (_plot, at) => (at === null ? "" : clock(at, step)) },
      ...names.map((name, place) => ({
        label: columns.get(name).label,
        stroke: colour(COLOURS[place]),
        dash: DASHES[place],
        width: isCount && place === 0 ? 0.5 : 1.5,
        fill: isCount && place === 0 ? `${colour("--accent")}66` : undefined,
        paths: isCount ? (place === 0 ? uPlot.paths.bars({ size: [1, 99, 2], align: 1 }) : uPlot.paths.stepped({ align: 1 })) : undefined,
        points: { show: !isCount, size: 5, fill: colour(COLOURS[place]), filter: lonely },
        value: (_plot, value) => (value === null ? "" : told(value)),
      })),
    ],
    cursor: { y: false, drag: { x: false, y: false } },
    legend: { live: true },
  };
  const plot = new uPlot(options, [times, ...names.map((name) => columns.get(name).values)], place);
  new ResizeObserver(() => {
    if (place.isConnected && place.clientWidth !== plot.width) plot.setSize({ width: place.clientWidth, height: options.height });
  }).observe(place);
  return plot;
}

// Of a line with gaps, the points that have no neighbour to be joined to.
function lonely(plot, series) {
  const values = plot.data[series];
  return values.flatMap((value, place) =>
    value !== null && (values[place - 1] ?? null) === null && (values[place + 1] ?? null) === null ? [place] : [],
  );
}

function clock(at, step) {
  const date = new Date(at * 1000);
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (step < 3600) return time;
  return `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}

// The day at its beginning, else the time: what fits below an axis.
function tick(at, step) {
  const [time, ...day] = clock(at, step).split(" ").reverse();
  return time === "00:00" && day.length ? day.reverse().join(" ") : time;
}

function count(value) {
  return Math.abs(value) >= 10000
    ? value.toLocaleString("en", { notation: "compact" })
    : value.toLocaleString("en", { maximumFractionDigits: 1 });
}

function seconds(value) {
  if (value === 0) return "0";
  if (value < 1) return `${Number((value * 1000).toPrecision(2))} ms`;
  if (value < 120) return `${Number(value.toPrecision(3))} s`;
  return value < 7200 ? `${Number((value / 60).toPrecision(3))} min` : `${Number((value / 3600).toPrecision(3))} h`;
}
