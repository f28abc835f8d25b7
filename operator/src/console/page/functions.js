// Functions: how often they were called and started, how long they took, and the memory they used.

import { $, fill, h, list, milliseconds, plural, svg, time } from "./dom.js";

const BAR = 4;
const HEIGHT = 40;
/** Invocations that are drawn at most. */
const BARS = 60;

export function showFunctions(functions, { about }) {
  list($("function-list"), functions, (it) => it.function, () => h("li", { class: "card" }), patchFunction);
  const isMeasured = functions.some(({ invocations }) => invocations.some((it) => it.memoryMb));
  const isCalled = functions.some(({ invocations }) => invocations.length > 0);
  $("memory-note").hidden = isMeasured || !isCalled;
  fill($("memory-note"), about?.isSandbox
    ? "Memory is not known: the sandbox reads that of a process on Linux alone."
    : "Memory is not known: no REPORT line of Lambda is in the log.");
}

function patchFunction(element, { function: name, counts: [calls, errors, throttled], starts, invocations }) {
  const facts = [
    `${plural(calls, "call")} in an hour`, plural(starts, "start"),
    errors > 0 ? h("b", { class: "bad" }, plural(errors, "error")) : "no errors",
    throttled > 0 ? h("b", { class: "bad" }, `${throttled} throttled`) : null,
  ].filter(Boolean).flatMap((fact, index) => (index ? [", ", fact] : [fact]));
  fill(element, h("h3", {}, name), h("p", { class: "facts" }, facts),
    invocations.length ? [latency(invocations), memory(invocations)].flat() : h("p", { class: "chart empty" }, "not called yet"));
}

/** A bar per invocation, as high as it took long. */
function latency(invocations) {
  const sorted = invocations.map((it) => it.latencyMs).sort((a, b) => a - b);
  const part = (of) => milliseconds(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))]);
  const highest = sorted.at(-1);
  const bars = invocations.map((it) => ({
    share: it.latencyMs / highest, kind: it.isFailed ? "failed" : it.isStart ? "start" : "",
    words: `${time(it.at)} ${milliseconds(it.latencyMs)}${it.isStart ? ", a start" : ""}`,
  }));
  const label = `The last ${plural(invocations.length, "invocation")}; the longest took ${milliseconds(highest)}.`;
  return [h("p", { class: "facts" }, h("b", {}, "Latency"), ` median ${part(0.5)}, 95 % below ${part(0.95)}`), chart(bars, label)];
}

/** A bar per invocation whose memory is known, as high as its part of what the function may use. */
function memory(invocations) {
  const known = invocations.filter((it) => it.memoryMb);
  if (known.length === 0) return [];
  const bars = known.map(({ at, memoryMb: [used, size] }) => ({
    share: used / size, kind: used > 0.9 * size ? "failed" : "memory", words: `${time(at)} ${used} MB`,
  }));
  const most = Math.max(...known.map(({ memoryMb: [used] }) => used));
  const [, size] = known.at(-1).memoryMb;
  const words = `at most ${most} of ${size} MB`;
  return [h("p", { class: "facts" }, h("b", {}, "Memory"), ` ${words}`),
    chart(bars, `Memory of the last ${plural(known.length, "invocation")}: ${words}.`, size)];
}

/** Bars, each a share of the height; `limit` shows what the whole height is. */
function chart(bars, label, limit) {
  const drawn = bars.map(({ share, kind, words }, index) => {
    const height = Math.max(1.5, Math.min(share, 1) * (HEIGHT - 2));
    const bar = svg("rect", { x: index * BAR, y: HEIGHT - height, width: BAR - 1, height, rx: 1, class: kind });
    bar.append(svg("title", {}, words));
    return bar;
  });
  if (limit) drawn.unshift(svg("rect", { x: 0, y: 2, width: BARS * BAR, height: HEIGHT - 2, rx: 2, class: "limit" }));
  return svg("svg", {
    class: "chart", viewBox: `0 0 ${BARS * BAR} ${HEIGHT}`, preserveAspectRatio: "xMinYMax meet", role: "img", "aria-label": label,
  }, ...drawn);
}
