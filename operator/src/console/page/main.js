// The page: sections arrive as server-sent events, those that changed, by their names.

import { $, say, text } from "./dom.js";
import { showEvents } from "./events.js";
import { showFunctions } from "./functions.js";
import { showAlarms, showQueues } from "./queues.js";
import { showLetters } from "./letters.js";
import { showRuns, showZones } from "./campaigns.js";
import { showSimulator } from "./sandbox.js";

/** Everything that was received last, by section. */
const state = {};

const SHOW = {
  about: showAbout,
  alarms: showAlarms,
  queues: showQueues,
  functions: showFunctions,
  events: showEvents,
  letters: showLetters,
  runs: showRuns,
  zones: showZones,
  simulator: showSimulator,
};
/** Sections that other sections are shown with. */
const TOGETHER = { letters: ["events"], events: ["queues"], about: ["letters", "functions"] };

function showAbout(about) {
  text($("stack"), about.isSandbox ? "sandbox" : about.stack);
  for (const element of document.querySelectorAll("[data-sandbox]")) {
    element.hidden = !about.isSandbox;
  }
  $("read-only").hidden = about.canWrite;
  $("clock-line").hidden = !about.isSandbox;
}

function receive(sections) {
  const changed = new Set(Object.keys(sections));
  Object.assign(state, sections);
  for (const name of Object.keys(sections)) {
    for (const other of TOGETHER[name] ?? []) changed.add(other);
  }
  for (const name of changed) {
    const content = state[name];
    if (content && !content.problem) show(name, content);
  }
  showProblems();
}

/** A section that fails must not keep the others from being shown. */
function show(name, content) {
  try {
    SHOW[name]?.(content, state);
  } catch (error) {
    console.error(name, error);
  }
}

/** Sections that cannot be read keep what they showed, below the reason. */
function showProblems() {
  const problems = Object.entries(state).filter(([, content]) => content?.problem);
  const words = problems.map(([name, content]) => `${name}: ${content.problem}`);
  $("banner").hidden = words.length === 0;
  text($("banner"), words.join(" · "));
}

function showLive(isLive) {
  $("live").classList.toggle("on", isLive);
  text($("live-text"), isLive ? "live" : "the console does not answer");
}

const updates = new EventSource("/updates");
updates.addEventListener("message", (message) => {
  showLive(true);
  receive(JSON.parse(message.data));
});
updates.addEventListener("error", () => {
  if ($("live").classList.contains("on")) say("The console does not answer any more.", true);
  showLive(false);
});
