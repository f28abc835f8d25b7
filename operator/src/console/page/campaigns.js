// Runs of campaigns, and the zones that they call: on a map, and in a table that says the same.

import { $, fill, h, list, plural, reason, svg, text } from "./dom.js";
import { drawMap } from "./map.js";

export function showRuns(runs) {
  list($("run-list"), runs, (run) => `${run.campaignId} ${run.localStart}`, () => h("li", { class: "card" }), patchRun);
  $("runs-empty").hidden = runs.length > 0;
}

function patchRun(element, run) {
  const { campaignId, localStart, expected, completed, zonesPlanned, zonesSubmitted, refused, ended } = run;
  const state = { completed: "completed", timed_out: "timed out" }[ended] ?? "open";
  const label = `${completed} of ${plural(expected, "call")}`;
  const bar = h("progress", { max: Math.max(expected, 1), value: Math.min(completed, expected), "aria-label": `${campaignId}: ${label}` });
  fill(element,
    h("h3", {}, campaignId, " ", h("span", { class: `chip ${ended === "timed_out" ? "warn" : ended ? "good" : ""}` }, state)),
    h("p", { class: "facts" }, `${localStart.replace("T", " ")} local start, ${zonesSubmitted} of ${plural(zonesPlanned, "zone")} scheduled`),
    bar,
    h("p", { class: "facts" }, label),
    refused.map(([zone, why]) => h("p", { class: "facts bad" }, `CXone refused ${zone}: ${reason(why)}`)));
}

/** Words and tone of what the law and the house say about calls now. */
const CALLS = {
  allowed: ["allowed", "good"],
  allowedInPart: ["allowed in part", "warn"],
  refused: ["not now", ""],
};
/** Of the campaigns of a zone, the one that may call stands for it on the map. */
const OPENNESS = Object.keys(CALLS);

let shown = [];

export function showZones(zones) {
  shown = zones;
  $("zones").hidden = zones.length === 0;
  list($("zone-rows"), zones, ({ zone, campaigns }) => `${zone} ${campaigns}`, () => h("tr", { role: "row" }), patchZone);
  draw();
}

const placeOf = (zone) => zone.split("/").at(-1).replaceAll("_", " ");
const timeOf = ({ local }) => local.slice(11, 16);
const WEEKDAY = new Intl.DateTimeFormat("en-US", { weekday: "short", timeZone: "UTC" });
const dayOf = ({ local }) => WEEKDAY.format(new Date(`${local.slice(0, 10)}T00:00:00Z`));
/** UTC-05:00; the local time of UTC itself ends with Z. */
const offsetOf = ({ local }) => `UTC${local.slice(19).replace(/^Z$/, "+00:00")}`;

/** The roles are written out: on a phone the table is no table of the style sheet. */
const cell = (...content) => h("td", { role: "cell" }, ...content);

function patchZone(row, zone) {
  const [words, tone] = CALLS[zone.calls];
  fill(row,
    h("th", { role: "rowheader", scope: "row" }, placeOf(zone.zone), h("span", { class: "quiet" }, zone.zone, zone.place ? "" : ", without a place on the map")),
    cell(h("b", {}, `${dayOf(zone)} ${timeOf(zone)}`), h("span", { class: "quiet" }, offsetOf(zone)), day(zone)),
    cell(h("span", { class: `chip ${tone}` }, words),
      h("span", { class: "quiet" }, `hours ${zone.hours.replaceAll(",", ", ")}${zone.nextAllowed ? `; everywhere from ${zone.nextAllowed}` : ""}`),
      zone.refusedBy.map((rule) => h("span", { class: "rule" }, rule))),
    cell(zone.campaigns.join(", ")));
}

const DAY = 240;
const at = (clock) => {
  const [hour, minute] = clock.split(":").map(Number);
  return ((hour + minute / 60) / 24) * DAY;
};

/** The day of a zone as a strip: its hours, and now. */
function day(zone) {
  const hours = zone.hours.split(",").map((range) => range.split("-").map(at))
    .map(([from, until]) => svg("rect", { x: from, y: 4, width: until - from, height: 6, class: "open" }));
  return svg("svg", { class: "day", viewBox: `0 0 ${DAY} 14`, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { x: 0, y: 4, width: DAY, height: 6, rx: 3, class: "night" }), ...hours,
    svg("rect", { x: at(timeOf(zone)) - 1.25, y: 0, width: 2.5, height: 14, rx: 1, class: "needle" }));
}

/** A mark for each zone, however many campaigns call there. */
function draw() {
  const marks = new Map();
  for (const zone of shown.filter(({ place }) => place)) {
    const other = marks.get(zone.zone);
    if (other && OPENNESS.indexOf(other.calls) <= OPENNESS.indexOf(zone.calls)) continue;
    marks.set(zone.zone, { ...zone, time: timeOf(zone), name: placeOf(zone.zone) });
  }
  $("map-frame").hidden = marks.size === 0;
  if (marks.size === 0) return;
  const counts = OPENNESS.map((calls) => [calls, [...marks.values()].filter((it) => it.calls === calls).length]);
  const words = counts.filter(([, count]) => count > 0).map(([calls, count]) => `calls ${CALLS[calls][0]} in ${count}`);
  $("map").setAttribute("aria-label", `Map of ${plural(marks.size, "zone")}: ${words.join(", ")}. The table below says the same.`);
  drawMap($("map"), [...marks.values()]);
}

let width = 0;
new ResizeObserver(([{ contentRect }]) => {
  if (Math.abs(contentRect.width - width) < 1) return;
  width = contentRect.width;
  draw();
}).observe($("map"));
