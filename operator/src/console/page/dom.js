// Elements, lists that keep their focus, words for spans of time, and requests.

/** Creates an element: attributes by name, `on…` as listeners, children as nodes or text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** Creates an element of SVG. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export const $ = (id) => document.getElementById(id);

/**
 * Makes a list show these items. An item that is unchanged keeps its element, and with it the focus
 * and what a person has opened.
 */
export function list(container, items, keyOf, create, patch) {
  const known = new Map([...container.children].map((child) => [child.dataset.key, child]));
  let place = container.firstElementChild;
  const times = new Map();
  for (const item of items) {
    const name = String(keyOf(item));
    const before = times.get(name) ?? 0;
    times.set(name, before + 1);
    // Masked ids may be the same.
    const key = before === 0 ? name : `${name} (${before + 1})`;
    let element = known.get(key);
    known.delete(key);
    const content = JSON.stringify(item);
    if (!element) {
      element = create(item);
      element.dataset.key = key;
    }
    if (element.shownContent !== content) {
      patch?.(element, item);
      element.shownContent = content;
    }
    if (element === place) place = place.nextElementSibling;
    else container.insertBefore(element, place);
  }
  for (const gone of known.values()) gone.remove();
}

/** Replaces what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
}

/** Sets a text, only when it differs: assistive technology announces what is set. */
export function text(element, content) {
  if (element.textContent !== content) element.textContent = content;
}

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/** A span of time in its two largest units, as the command writes it. */
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const first = UNITS.findIndex(([unit]) => whole >= unit);
  if (first < 0) return "0 s";
  const [unit, name] = UNITS[first];
  const [smaller, smallerName] = UNITS[first + 1] ?? [];
  const rest = smaller && smallerName !== "s" ? Math.floor((whole % unit) / smaller) : 0;
  const head = `${Math.floor(whole / unit)} ${name}`;
  return rest > 0 ? `${head} ${rest} ${smallerName}` : head;
}

export const age = (at) => span((Date.now() - Date.parse(at)) / 1000);

const TIME = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: "UTC",
});

/** Time of day, in UTC. */
export const time = (at) => TIME.format(new Date(at));

/** Milliseconds, with as many digits as mean something. */
export function milliseconds(ms) {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms >= 10 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** The part of a queue's name that it has in common with its dead letters, in words. */
export function queueName(queue) {
  const short = queue.replace(/(DeadLetter)?Queue$/, "");
  const words = short.replace(/(?<=[a-z])(?=[A-Z])/g, " ");
  return words === "Dnc" ? "DNC" : words.replace("Crm", "CRM");
}

/** A reason as a person reads it: CXone wraps its own in JSON. */
export function reason(words) {
  try {
    return JSON.parse(words).message ?? words;
  } catch {
    return words;
  }
}

/** What a person did, announced and shown for a while. */
export function say(words, isBad = false) {
  const status = $("status");
  status.textContent = words;
  status.classList.toggle("bad", isBad);
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { status.textContent = ""; }, isBad ? 15000 : 6000);
}

const token = document.querySelector("meta[name=console-token]").content;

/** Sends a request, and says what was wrong with it. Returns nothing if it failed. */
export async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-console-token": token },
      body: JSON.stringify(body),
    });
    const content = await answer.json();
    if (answer.ok) return content ?? {};
    say(content.problem ?? `The console answered ${answer.status}.`, true);
  } catch {
    say("The console does not answer.", true);
  }
  return undefined;
}
