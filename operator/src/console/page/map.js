// The map of zones: each at its place, with its local time and whether calls are allowed there.
//
// It is drawn in pixels, so that its words are as large on a phone as on a wide screen. The table
// below it says the same.

import { svg } from "./dom.js";
import { LAND } from "./land.js";

/** Degrees around the outermost zones, and the least that the map shows. */
const AROUND = [14, 10];
const LEAST = [64, 30];
/** Degrees that are shown at most: a little beyond the date line, so that no mark is cut off there. */
const WORLD = { west: -195, east: 195, south: -58, north: 80 };
const RADIUS = 6;
const LINE = 17;
/** Width of a character, about, and of the space around words. */
const [CHARACTER, SPACE] = [7.6, 6];

/** A stretch of at least `least` around what is given, within the world. */
function stretch(from, until, around, least, [first, last]) {
  const length = Math.min(Math.max(until - from + 2 * around, least), last - first);
  const start = Math.min(Math.max((from + until - length) / 2, first), last - length);
  return [start, start + length];
}

/** The part of the world that holds all places, as wide and high as the map. */
function sectionOf(places, width, height) {
  const { west, east, south, north } = WORLD;
  const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
  const [left, right] = stretch(Math.min(...xs), Math.max(...xs), AROUND[0], LEAST[0], [west, east]);
  const [low, high] = stretch(Math.min(...ys), Math.max(...ys), AROUND[1], LEAST[1], [south, north]);
  // Shapes are right in the middle of the map.
  const flat = Math.cos((((low + high) / 2) * Math.PI) / 180);
  const scale = Math.min(width / (right - left), (height * flat) / (high - low));
  const [x, y] = [(left + right) / 2, (low + high) / 2];
  return { scale: [scale, scale / flat], at: ([a, b]) => [width / 2 + (a - x) * scale, height / 2 - ((b - y) * scale) / flat] };
}

const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The line from a mark to the nearest edge of its words. */
function leaderOf({ at: [x1, y1] }, box) {
  const [x2, y2] = [Math.min(Math.max(x1, box.x), box.x + box.width), Math.min(Math.max(y1, box.y), box.y + box.height)];
  return { x1, y1, x2, y2, isNeeded: Math.hypot(x2 - x1, y2 - y1) > RADIUS + 8 };
}

/** Returns whether a line runs through a box: points along it are near enough to tell. */
function crosses({ x1, y1, x2, y2, isNeeded }, box) {
  const parts = Array.from({ length: 25 }, (_, index) => index / 24);
  return isNeeded && parts.some((part) => overlap({ x: x1 + (x2 - x1) * part, y: y1 + (y2 - y1) * part, width: 0, height: 0 }, box));
}

/** Boxes around a mark in which its words may stand, the best first. */
function* boxes([x, y], width, height) {
  for (const away of [RADIUS + 3, 22, 38, 54, 72]) {
    yield { x: x + away, y: y - height / 2 };
    yield { x: x - away - width, y: y - height / 2 };
    yield { x: x - width / 2, y: y - away - height };
    yield { x: x - width / 2, y: y + away };
    for (const [dx, dy] of [[1, -1], [1, 1], [-1, -1], [-1, 1]]) {
      yield { x: dx > 0 ? x + away * 0.7 : x - away * 0.7 - width, y: dy > 0 ? y + away * 0.7 : y - away * 0.7 - height };
    }
  }
}

/** Places the words of the marks where they cover nothing: all of them, else the time alone. */
function placed(marks, width, height) {
  const taken = marks.map(({ at: [x, y] }) => ({ x: x - RADIUS, y: y - RADIUS, width: 2 * RADIUS, height: 2 * RADIUS }));
  const fits = (box, mark, own) => box.x >= 2 && box.y >= 2 && box.x + box.width <= width - 2 && box.y + box.height <= height - 2
    && !taken.some((other) => overlap(box, other) || (other !== own && crosses(leaderOf(mark, box), other)));
  return marks.map((mark, index) => {
    for (const lines of [[mark.time, mark.name], [mark.time]]) {
      const size = { width: Math.max(...lines.map((it) => it.length)) * CHARACTER + SPACE, height: lines.length * LINE };
      for (const corner of boxes(mark.at, size.width, size.height)) {
        const box = { ...corner, ...size };
        if (!fits(box, mark, taken[index])) continue;
        taken.push(box);
        return { ...mark, lines, box };
      }
    }
    return { ...mark, lines: [] };
  });
}

/** A mark's shape says what its color says: full, half full, empty. */
function shapeOf({ at: [cx, cy], calls }) {
  const ring = svg("circle", { cx, cy, r: RADIUS, class: "ring" });
  const half = `M${cx} ${cy - RADIUS}a${RADIUS} ${RADIUS} 0 0 0 0 ${2 * RADIUS}z`;
  const filled = { allowed: [svg("circle", { cx, cy, r: RADIUS, class: "full" })], allowedInPart: [svg("path", { d: half, class: "full" })] };
  return [ring, ...(filled[calls] ?? [])];
}

function wordsOf({ at, lines, box }) {
  if (lines.length === 0) return [];
  const text = lines.map((line, index) =>
    svg("text", { x: box.x + box.width / 2, y: box.y + (index + 0.74) * LINE, class: index === 0 ? "time" : "name" }, line));
  const { isNeeded, ...ends } = leaderOf({ at }, box);
  return isNeeded ? [svg("line", { ...ends, class: "leader" }), ...text] : text;
}

/** Draws the zones that have a place: `{ place, time, name, calls }`. */
export function drawMap(element, zones) {
  const width = Math.max(element.clientWidth, 280);
  const height = Math.round(Math.min(Math.max(width * 0.42, 250), 420));
  const section = sectionOf(zones.map(({ place }) => place), width, height);
  const marks = placed(zones.map((zone) => ({ ...zone, at: section.at(zone.place) })), width, height);
  const [x, y] = section.at([0, 0]);
  const transform = `translate(${x} ${y}) scale(${section.scale.map((it) => it / 10).join(" ")})`;
  const hours = Array.from({ length: 25 }, (_, hour) => `M${(hour - 12) * 150}-900V900`).join("");
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" },
    svg("path", { d: LAND, transform, class: "land" }),
    svg("path", { d: hours, transform, class: "meridians" }),
    ...marks.map((mark) => svg("g", { class: `zone ${mark.calls}`, "data-zone": mark.zone }, ...shapeOf(mark), ...wordsOf(mark))));
  element.replaceChildren(drawing);
}
