// Dead letters: why they failed, their body, and what to do with them; and the evidence of a number.

import { $, age, fill, h, list, plural, post, queueName, reason, say, text, time } from "./dom.js";

/** Redriven, these are opt-outs. */
const DOUBTFUL = "doubtful_opt_out";

let canWrite = false;

export function showLetters(letters, { about }) {
  canWrite = about?.canWrite ?? false;
  const shown = letters.map((letter) => ({ ...letter, canWrite }));
  list($("letter-list"), shown, (letter) => letter.id, createLetter, patchLetter);
  $("letters-empty").hidden = letters.length > 0;
}

const code = (letter) => letter.errorCode ?? "received too often";

function createLetter(letter) {
  return h("li", { class: "row letter arrives", id: `letter-${letter.id}` }, h("details", {},
    h("summary"), h("div", { class: "inside" })));
}

function patchLetter(element, letter) {
  const [summary, inside] = element.firstElementChild.children;
  fill(summary,
    h("span", { class: "queue" }, queueName(letter.queue)),
    h("span", { class: "chip bad" }, code(letter).replaceAll("_", " ")),
    h("time", { class: "quiet age", datetime: letter.sentAt, title: letter.sentAt }, age(letter.sentAt)),
    h("span", { class: "why" }, reason(letter.errorMessage ?? "")));
  const facts = [["id", letter.id], ["sent", letter.sentAt], ["function", letter.function], ["failed", letter.failedAt]];
  const body = typeof letter.body === "string" ? letter.body : JSON.stringify(letter.body, null, 2);
  fill(inside,
    h("dl", {}, facts.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    h("pre", { tabindex: "0", role: "group", "aria-label": "Body" }, body),
    letter.errorCode === DOUBTFUL
      ? h("p", { class: "note" }, "It may be an opt-out, and a person decides. Redriven, it is one.") : null,
    letter.canWrite ? buttons(letter) : null);
}

setInterval(() => {
  for (const shown of document.querySelectorAll("#letter-list .age")) text(shown, age(shown.dateTime));
}, 1000);

function buttons(letter) {
  const hasQueue = !letter.queue.startsWith("Schedule");
  return h("div", { class: "buttons" },
    hasQueue ? h("button", { type: "button", class: "primary", onclick: () => redrive(letter) }, "Redrive") : null,
    h("button", { type: "button", onclick: () => remove(letter) }, "Delete…"));
}

async function redrive(letter) {
  const report = await post("/dead-letters/redrive", { queue: letter.queue, id: letter.id });
  if (report) finish(letter, report, `Sent to the queue ${queueName(letter.queue)} again.`);
}

async function remove(letter) {
  if (!(await isConfirmed(`Delete this dead letter of ${queueName(letter.queue)}? It cannot be brought back.`))) return;
  const report = await post("/dead-letters/delete", { queue: letter.queue, id: letter.id });
  if (report) finish(letter, report, "Deleted.");
}

function finish(letter, report, words) {
  const [failure] = report.failed;
  if (failure) return say(`It is still a dead letter: ${failure.reason}`, true);
  if (report.deleted === 0) return say("It is no dead letter any more: somebody was faster.", true);
  const element = $(`letter-${letter.id}`);
  const next = element?.nextElementSibling ?? element?.previousElementSibling;
  element?.remove();
  // The button is gone: the focus goes on to the next letter, or to the title.
  (next?.querySelector("summary") ?? $("letters-title")).focus();
  return say(words);
}

function isConfirmed(question) {
  const dialog = $("confirm");
  $("confirm-text").textContent = question;
  return new Promise((resolve) => {
    dialog.onclick = ({ target }) => target.value && dialog.close(target.value);
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
    dialog.returnValue = "no";
    dialog.showModal();
    dialog.querySelector("[value=no]").focus();
  });
}

$("number-form").addEventListener("submit", async (submitted) => {
  submitted.preventDefault();
  const answer = await post("/number", { number: $("number-input").value });
  if (!answer) return;
  const { words, report } = answer;
  const granted = Object.values(report.calls).every((permission) => permission.kind === "granted");
  fill($("number-report"),
    h("p", { class: `verdict ${granted ? "good" : "bad"}` }, h("b", {}, report.phoneNumber), ` ${words[0]}`),
    words.slice(1).map((sentence) => h("p", {}, sentence)),
    report.events.length === 0
      ? h("p", { class: "empty" }, "Nothing is stored about this number.")
      : h("ol", { class: "way" }, report.events.map(evidence)));
  say(`${plural(report.events.length, "entry", "entries")} about the number.`);
});

const evidence = ({ at, what }) => h("li", { class: "plain" },
  h("time", { class: "at", datetime: at }, h("span", {}, at.slice(0, 10)), " ", time(at)), h("span", {}, what));
