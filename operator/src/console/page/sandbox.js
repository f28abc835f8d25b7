// What a sandbox has beside a deployment: its clock, samples, traffic, faults, and its CXone.

import { $, fill, h, list, plural, post, say, text } from "./dom.js";

/** Faults to choose from; any other can be written. */
const FAULTS = [
  "addToDncList:429=2x2", "addToDncList:503x3", "createContact:drop-afterx1", "createSchedule:503x2",
  "sendSms:500x2", "expire-tokensx1", "html@20%", "SendMessage/CrmSyncQueue:500x5", "kill=dnc-batcherx1",
];
fill($("fault-choices"), FAULTS.map((fault) => h("option", { value: fault })));

/** The clock as it was received, and when. */
let clock;

export function showSimulator({ cxone, samples }) {
  clock = { shown: Date.parse(cxone.clock.now), speed: cxone.clock.speed, received: performance.now() };
  text($("speed"), clock.speed === 1 ? "real time" : `× ${clock.speed}`);
  list($("fault-list"), Object.entries(cxone.faults), ([fault]) => fault, () => h("li"), patchFault);
  $("fault-clear").disabled = Object.keys(cxone.faults).length === 0;
  list($("sample-input"), groups(samples), ([name]) => name, createGroup);
  showView(cxone.view);
  const first = cxone.callCount - cxone.calls.length;
  const calls = cxone.calls.map((call, index) => ({ ...call, number: first + index })).reverse();
  list($("cxone-calls"), calls.slice(0, 14), (call) => call.number, createCall);
}

setInterval(() => {
  if (!clock) return;
  const now = new Date(clock.shown + (performance.now() - clock.received) * clock.speed);
  text($("clock"), now.toISOString().slice(0, 19).replace("T", " ") + " UTC");
}, 250);

function patchFault(element, [fault, strikes]) {
  fill(element, h("code", {}, fault), " ",
    h("span", { class: `chip ${strikes > 0 ? "warn" : ""}` }, `struck ${plural(strikes, "time")}`));
}

/** Samples by function. */
function groups(samples) {
  const found = new Map();
  for (const { sample, ends } of samples) {
    const [name, event] = sample.split("/");
    found.set(name, [...(found.get(name) ?? []), [event, ends]]);
  }
  return [...found];
}

function createGroup([name, events]) {
  return h("optgroup", { label: name }, events.map(([event, ends]) =>
    h("option", { value: `${name}/${event}` }, `${event.replace(".json", "").replaceAll("-", " ")} → ${ends}`)));
}

function createCall({ operation, status }) {
  const tone = status === null || status >= 500 ? "bad" : status >= 400 ? "warn" : "good";
  return h("li", {}, h("span", {}, operation), h("span", { class: `chip ${tone}` }, status === null ? "hung up" : String(status)));
}

function showView({ listed, callbacks, texts, called }) {
  const rows = [
    ["on the DNC list", listed, (number) => number],
    ["callbacks", callbacks, ({ number, campaign, at }) => `${number} for ${campaign}, ${at.slice(0, 16).replace("T", " ")}`],
    ["text messages", texts, ({ to, message }) => `${to}: ${message}`],
    ["contacts with a result", Object.entries(called).filter(([, it]) => it.category),
      ([id, { category }]) => `${id}: ${category.replaceAll("_", " ")}`],
  ];
  const items = rows.map(([name, content, words]) => ({ name, lines: content.map(words) }));
  list($("cxone-state"), items, (item) => item.name, createView, patchView);
}

const createView = () => h("details", { class: "view" }, h("summary"), h("ul", { class: "plain" }));

function patchView(element, { name, lines }) {
  const [summary, content] = element.children;
  fill(summary, h("b", {}, String(lines.length)), ` ${name}`);
  fill(content, lines.length > 0 ? lines.map((line) => h("li", {}, line)) : h("li", { class: "quiet" }, "none"));
}

/** Uses a control of the sandbox, and says what came of it. */
async function use(control, words) {
  const answer = await post("/sandbox", control);
  if (answer) say(typeof words === "function" ? words(answer) : words);
}

function onSubmit(form, action) {
  $(form).addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    action();
  });
}

for (const button of document.querySelectorAll("[data-advance]")) {
  const seconds = Number(button.dataset.advance);
  button.addEventListener("click", () => use({ advance: { seconds } }, `The clock is put forward: ${button.textContent}.`));
}
for (const button of document.querySelectorAll("[data-schedule]")) {
  const { schedule } = button.dataset;
  button.addEventListener("click", () => use({ schedule: { function: schedule } }, `${schedule} has run.`));
}
onSubmit("speed-form", () => use({ speed: { factor: Number($("speed-input").value) } }, "The speed of the clock is set."));
onSubmit("sample-form", () => use({ sample: { sample: $("sample-input").value } },
  ({ reply }) => (reply ? `Sent; the reply is ${reply.replaceAll("_", " ")}.` : "Sent to its queue.")));
onSubmit("traffic-form", () => use(
  { traffic: { channel: $("traffic-channel").value, count: Number($("traffic-count").value) } },
  ({ sent, replies }) => `${plural(sent, "event")} sent: ${Object.entries(replies).map(([reply, count]) => `${count} ${reply}`).join(", ")}.`));
onSubmit("fault-form", () => use({ fault: { fault: $("fault-input").value } }, "The fault is in force."));
$("fault-clear").addEventListener("click", () => use("clearFaults", "No fault is in force."));
