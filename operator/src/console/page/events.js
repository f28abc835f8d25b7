// Events, each with its way through the functions.

import { $, fill, h, list, milliseconds, queueName, text, time } from "./dom.js";
import { wayTo } from "./queues.js";

const BAD = new Set(["failed", "panicked", "dead_lettered", "unauthenticated"]);
let newest = [];
let letters = [];

export function showEvents(events, state) {
  newest = events;
  letters = Array.isArray(state.letters) ? state.letters : [];
  render();
}

$("event-filter").addEventListener("input", render);

function render() {
  const wanted = $("event-filter").value.trim().toLowerCase();
  const matches = (event) => !wanted || JSON.stringify(event).toLowerCase().includes(wanted);
  const shown = newest.filter(matches).slice(0, 60).map((event) => ({ ...event, letter: letterOf(event) }));
  list($("event-list"), shown, (event) => event.id, createEvent, patchEvent);
  $("events-empty").hidden = shown.length > 0;
  text($("events-empty"), wanted ? "No event matches." : "No event yet.");
}

/** The dead letter of an event: its body holds the id. */
function letterOf(event) {
  const letter = letters.find((it) => JSON.stringify(it.body).includes(JSON.stringify(event.id)));
  return letter && { id: letter.id, queue: letter.queue, code: letter.errorCode ?? "none" };
}

function toneOf(step) {
  // Of a batch, the dead letter may be that of another event.
  const isDead = step.deadLettered > 0 && step.batch === 1;
  if (BAD.has(step.outcome) || isDead || step.level === "error") return "bad";
  if (step.level === "warning" || step.outcome === "partly_returned") return "warn";
  return step.outcome ? "good" : "plain";
}

/** Outcome of a step. A batch is completed when its messages are dead letters, too. */
const endOf = (step) => (step.outcome === "completed" && toneOf(step) === "bad" ? "dead-lettered" : words(step.outcome));

const words = (code) => (code ?? "").replaceAll("_", " ");

function createEvent() {
  return h("li", { class: "row event arrives" },
    h("details", {}, h("summary"), h("ol", { class: "way" })));
}

function patchEvent(element, event) {
  const [summary, way] = element.firstElementChild.children;
  const results = event.steps.filter((step) => step.outcome);
  const last = results.at(-1);
  const path = [...new Set(event.steps.map((step) => step.function))];
  fill(summary,
    h("time", { datetime: event.firstAt }, time(event.firstAt)),
    h("span", { class: "id" }, event.id),
    h("span", { class: "path" }, path.map((name) => h("span", {}, name))),
    event.letter
      ? h("span", { class: "chip bad" }, "dead letter")
      : last && h("span", { class: `chip ${toneOf(last)}` }, endOf(last)));
  fill(way, steps(event));
}

/** The way: where the event came in, every function, and a dead letter at its end. */
function steps(event) {
  const shown = [];
  let before;
  const start = Date.parse(event.firstAt);
  for (const step of event.steps) {
    if (step.function !== before) {
      const from = wayTo(step.function, before === undefined);
      shown.push(h("li", { class: "from" }, h("span", { class: "at" }), h("span", {}, from)));
      before = step.function;
    }
    shown.push(stepOf(step, Date.parse(step.at) - start));
  }
  if (event.letter) {
    const { id, queue, code } = event.letter;
    shown.push(h("li", { class: "bad" }, h("span", { class: "at" }),
      h("span", {}, h("b", {}, "dead letter"), ` of ${queueName(queue)}: `,
        h("a", { href: `#letter-${id}` }, words(code)))));
  }
  return shown;
}

function stepOf(step, offset) {
  const details = [];
  if (step.latencyMs !== null) details.push(milliseconds(step.latencyMs));
  if (step.outcome && step.batch > 1) details.push(`with ${step.batch - 1} other${step.batch > 2 ? "s" : ""}`);
  return h("li", { class: toneOf(step) },
    h("span", { class: "at" }, `+${milliseconds(Math.max(0, offset))}`),
    h("span", {},
      h("b", {}, step.outcome ? `${step.function} ` : ""),
      h("span", {}, words(step.what)),
      details.length ? h("span", { class: "quiet" }, ` ${details.join(", ")}`) : null));
}
