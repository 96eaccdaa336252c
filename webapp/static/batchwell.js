// Makes the pages lively: forms submit in place, requests are followed to their end, counts and
// ages stay true. Without it everything works by loading pages.

import { filterRows, keepAges, keepCounts, keepPart, keepPulse } from "./live.js";
import { keepCharts } from "./charts.js";
import { keepToFrame } from "./frame.js";
import { listen } from "./form.js";
import { follow } from "./follow.js";

for (const form of document.querySelectorAll("[data-form]")) listen(form);
for (const progress of document.querySelectorAll("[data-request]")) {
  follow(progress.dataset.request, progress.parentElement);
}
keepToFrame();
keepAges();
for (const area of document.querySelectorAll("[data-live]")) keepCounts(area);
for (const area of document.querySelectorAll("[data-pulse]")) keepPulse(area);
for (const area of document.querySelectorAll("[data-part]")) keepPart(area);
for (const form of document.querySelectorAll("[data-filter]")) filterRows(form);
for (const section of document.querySelectorAll("[data-history]")) keepCharts(section);
