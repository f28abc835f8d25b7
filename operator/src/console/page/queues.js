// Queues as lanes that events run through, and alarms.

import { $, fill, h, list, plural, queueName, span, text, time } from "./dom.js";

/** What leads to each function, and what it does. */
const LANES = [
  { function: "optout-webhook", route: "POST /webhook/opt-out", to: "ledger, DNC queue" },
  { function: "dnc-batcher", queue: "DncQueue", to: "CXone DNC list" },
  { function: "callback-intake", route: "POST /callbacks", queue: "CallbackQueue", to: "CXone callback, SMS" },
  { function: "disposition-handler", route: "POST /webhook/call-result", queue: "DispositionQueue", to: "CXone, opt-outs" },
  { function: "interaction-router", route: "POST /webhooks/cxone", queue: "InteractionQueue", to: "your consumers" },
  { function: "campaign-scheduler", schedule: "schedule", to: "CXone schedules" },
  { function: "analytics-poller", schedule: "schedule", queue: "CampaignWebhookQueue", to: "completion webhooks" },
];
/** Dots that stand for waiting messages. */
const DOTS_MAX = 10;

/** What an event came by to a function. */
export function wayTo(name, isFirst) {
  const lane = LANES.find((it) => it.function === name);
  if (isFirst && lane?.route) return lane.route;
  if (lane?.queue) return `queue ${queueName(lane.queue)}`;
  return lane?.schedule ?? "";
}

/** The newest step of each function that was shown. */
const passed = new Map();

export function showQueues({ work, dead }, state) {
  const counts = new Map(work.map((queue) => [queue.queue, queue]));
  const letters = new Map(dead.map((it) => [it.queue.replace("DeadLetterQueue", "Queue"), it.count]));
  const lanes = LANES.map((lane) => ({ ...lane, ...counts.get(lane.queue), dead: deadOf(lane, letters) }));
  list($("lanes"), lanes, (lane) => lane.function, createLane, patchLane);
  const fed = new Set(LANES.map((lane) => lane.queue));
  const consumers = work.filter((queue) => !fed.has(queue.queue))
    .map((queue) => ({ ...queue, dead: letters.get(queue.queue) ?? 0 }));
  list($("consumers"), consumers, (queue) => queue.queue, () => h("li"), patchConsumer);
  const all = dead.reduce((sum, it) => sum + it.count, 0);
  $("dead-count").hidden = all === 0;
  text($("dead-count"), String(all));
  document.title = `${all > 0 ? `(${all}) ` : ""}Outbound console`;
  runEvents(state.events ?? []);
}

const deadOf = (lane, letters) =>
  lane.schedule && !lane.queue ? letters.get("ScheduleQueue") ?? 0 : letters.get(lane.queue) ?? 0;

function createLane(lane) {
  const from = [lane.route, lane.schedule].filter(Boolean).join("");
  return h("li", { class: "lane" },
    h("span", { class: "from" }, from || ""),
    h("span", { class: "pipe", "aria-hidden": "true" }),
    h("span", { class: "waits" }),
    h("span", { class: "function" }, lane.function),
    h("span", { class: "to" }, lane.to),
    h("span", { class: "dead" }));
}

function patchLane(element, lane) {
  const [, pipe, waits, , , dead] = element.children;
  const { waiting = 0, inFlight = 0, oldestSeconds = 0 } = lane;
  const dots = [
    ...Array(Math.min(waiting, DOTS_MAX)).fill("dot"),
    ...Array(Math.min(inFlight, DOTS_MAX)).fill("dot on"),
  ].map((name) => h("i", { class: name }));
  fill(pipe, dots, [...pipe.querySelectorAll(".passing")]);
  const busy = waiting + inFlight > 0;
  const counts = `${waiting} waiting, ${inFlight} in flight`;
  const oldest = oldestSeconds > 0 ? `, oldest ${span(oldestSeconds)}` : "";
  text(waits, lane.queue ? `${queueName(lane.queue)} queue ${busy ? `${counts}${oldest}` : "empty"}` : "");
  waits.classList.toggle("busy", busy);
  fill(dead, lane.dead > 0 ? h("a", { href: "#dead-letters" }, plural(lane.dead, "dead letter")) : "");
}

function patchConsumer(element, { queue, waiting, inFlight, dead }) {
  fill(element, h("span", {}, queueName(queue)), h("b", {}, String(waiting + inFlight)),
    dead > 0 ? h("a", { href: "#dead-letters" }, `${dead} dead`) : null);
}

/** A dot runs through a lane for each result of its function that is new. */
function runEvents(events) {
  const found = new Map();
  for (const event of events) {
    for (const step of event.steps) {
      if (!step.outcome || Date.parse(step.at) <= (passed.get(step.function) ?? 0)) continue;
      found.set(step.function, Math.max(found.get(step.function) ?? 0, Date.parse(step.at)));
    }
  }
  const isFirst = passed.size === 0;
  for (const [name, at] of found) {
    passed.set(name, at);
    const lane = document.querySelector(`#lanes [data-key="${name}"]`);
    if (!isFirst && lane) runDot(lane.children[1]);
  }
}

function runDot(pipe) {
  const dot = h("i", { class: "passing", onanimationend: () => dot.remove() });
  pipe.append(dot);
}

export function showAlarms(alarms) {
  $("alarms").hidden = false;
  const words = alarms.map(({ alarm, since }) => `${alarm} fires${since ? ` since ${time(since)} UTC` : ""}`);
  $("alarms").classList.toggle("bad", words.length > 0);
  text($("alarms"), words.join("; ") || "No alarm fires.");
}
