// The console in a browser: `console.mjs SANDBOX CHROMIUM TOOLS IMAGES`.
//
// It starts a sandbox, sends samples, and works as a person does, in light and dark, on a wide
// screen and a phone. axe-core judges accessibility. The pictures are those of the documents.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [, , command, executablePath, tools, images] = process.argv;
const require = createRequire(`${tools}/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const WIDE = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };
/** Time for what goes through queues, functions and CXone. */
const LIMIT_MS = 60_000;

mkdirSync(images, { recursive: true });
const sandbox = spawn(command, ["serve", "--journey"], {
  stdio: ["ignore", "pipe", "inherit"], detached: true,
});
const end = () => { try { process.kill(-sandbox.pid, "SIGTERM"); } catch { /* It has ended. */ } };
process.on("exit", end);

/** The first line is the console's. */
async function start() {
  for await (const line of createInterface({ input: sandbox.stdout })) {
    const [, address] = /^console +(http:\/\/127\.0\.0\.1:\d+\/)$/.exec(line) ?? [];
    assert.ok(address, `the first line is no address of a console: ${line}`);
    // The rest must be read, or the sandbox would wait.
    sandbox.stdout.resume();
    return address;
  }
  throw new Error("the sandbox has ended");
}

/** Opens the page, and notes everything that must not happen. */
async function open(browser, address, viewport, colorScheme) {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  const wrong = [];
  const { host } = new URL(address);
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.host !== host) wrong.push(`a request to ${url}`);
  });
  await page.goto(address);
  await page.getByText("live", { exact: true }).waitFor();
  return { page, wrong };
}

/** Presses Tab until the focus is on an element. */
async function tabTo(page, locator) {
  const isFocused = () => locator.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 150; presses += 1) {
    if (await isFocused()) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not reach ${locator}`);
}

async function check({ page, wrong }, name) {
  const { innerWidth, scrollWidth } = await page.evaluate(() => ({
    innerWidth, scrollWidth: document.documentElement.scrollWidth,
  }));
  assert.ok(scrollWidth <= innerWidth, `${name}: ${scrollWidth} pixels on ${innerWidth}`);
  // The policy of the page allows no script that is added: this one is evaluated beside it.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  const found = violations.flatMap(({ id, nodes }) => nodes.map((it) => `${id}: ${it.html.slice(0, 160)} ${it.failureSummary}`));
  assert.deepEqual(found, [], name);
  assert.deepEqual(wrong, [], name);
  console.log(`${name}: no scrolling, no violation, no error, no other host`);
}

/** Scrolls to a part of the page, as its link does. */
const show = (page, part) => page.locator(part).evaluate((section) => section.scrollIntoView());

async function send(page, sample) {
  await page.getByLabel("Sample event").selectOption(sample);
  await page.getByRole("button", { name: "Send the sample" }).click();
  await page.getByRole("status").getByText(/^Sent/).waitFor();
}

const event = (page, id) => page.locator("#event-list > li", { has: page.getByText(id, { exact: true }) });
const letters = (page) => page.locator("#letter-list > li");

async function anEventIsFollowed(page) {
  await send(page, "optout-webhook/opt-out.json");
  const row = event(page, "evt-0001");
  await row.getByText("dnc-batcher").first().waitFor();
  await row.locator("summary").click();
  await row.getByText("POST /webhook/opt-out").waitFor();
  await row.getByText(/1 number listed/).waitFor();
  await row.locator("summary").click();
}

/** By keyboard alone. */
async function aDeadLetterIsRedrivenAndDeleted(page) {
  await send(page, "optout-webhook/refused-by-cxone.json");
  const refused = letters(page).filter({ hasText: "refused by cxone" });
  await refused.waitFor();
  const id = await refused.getAttribute("id");
  await page.evaluate(() => document.activeElement.blur());
  await tabTo(page, refused.locator("summary"));
  await page.keyboard.press("Enter");
  await refused.getByText('"phoneNumber": "+12025550113"').waitFor();
  await tabTo(page, refused.getByRole("button", { name: "Redrive" }));
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("Sent to the queue DNC again.").waitFor();
  // CXone refuses it again: it is a dead letter of another id.
  const again = page.locator(`#letter-list > li:not(#${id})`).filter({ hasText: "refused by cxone" });
  await again.waitFor();
  assert.equal(await page.locator(`#${id}`).count(), 0);

  await tabTo(page, again.locator("summary"));
  await page.keyboard.press("Enter");
  await tabTo(page, again.getByRole("button", { name: "Delete" }));
  await page.keyboard.press("Enter");
  const keep = page.getByRole("button", { name: "Keep it" });
  await tabTo(page, keep);
  await page.keyboard.press("Enter");
  assert.equal(await again.count(), 1, "it was kept");
  await tabTo(page, again.getByRole("button", { name: "Delete" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("button", { name: "Delete it" }));
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("Deleted.").waitFor();
  await page.getByText("No dead letters. Nothing needs a person.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "letters-title");
}

async function theSkipLinkIsFirst(page) {
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
}

async function theSandboxIsControlled(page) {
  const clock = async () => Date.parse((await page.locator("#clock").textContent()).replace(" UTC", "Z").replace(" ", "T"));
  const before = await clock();
  await page.getByRole("button", { name: "+1 hour" }).click();
  await page.waitForFunction((at) => Date.parse(document.getElementById("clock").textContent.replace(" UTC", "Z").replace(" ", "T")) >= at, before + 3_600_000);

  await page.getByLabel("Fault").fill("no fault");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("status").getByText("`no fault` is not a fault").waitFor();
  await page.getByLabel("Fault").fill("addToDncList:503x1");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByText("struck 0 times").waitFor();
  await send(page, "optout-webhook/base64-body.json");
  await page.getByText("struck 1 time", { exact: true }).waitFor();
  await page.getByRole("button", { name: "End all faults" }).click();
  await page.locator("#fault-list > li").waitFor({ state: "detached" });

  await page.getByLabel("Interactions").fill("9");
  await page.getByRole("button", { name: "Send the traffic" }).click();
  await page.getByRole("status").getByText("9 events sent: 9 processed.").waitFor();
}

async function aNumberIsExplained(page) {
  await page.getByLabel("Phone number").fill("(202) 555-0110");
  await page.keyboard.press("Enter");
  await page.getByText(/calls are forbidden/).waitFor();
  await page.locator("#number-report").getByText(/on CXone's DNC list for the first time/).waitFor();
}

/** The zones of the runs: on the map and in the table alike, with the time that the browser has. */
async function zonesAreOnTheMap(page) {
  const read = () => page.evaluate(() => ({
    clock: document.getElementById("clock").textContent.replace(" UTC", "Z").replace(" ", "T"),
    rows: [...document.querySelectorAll("#zone-rows tr")].map((row) => ({
      zone: row.querySelector("th span").textContent, shown: row.querySelector("td b").textContent,
      calls: row.querySelector(".chip").textContent, rules: row.querySelectorAll(".rule").length,
    })),
    marks: [...document.querySelectorAll("#map g.zone")].map((mark) => {
      const [ring, map] = [mark.querySelector(".ring").getBoundingClientRect(), document.getElementById("map").getBoundingClientRect()];
      return {
        zone: mark.dataset.zone, x: ring.x + ring.width / 2, time: mark.querySelector(".time")?.textContent,
        isFull: Boolean(mark.querySelector(".full")),
        isInside: ring.left >= map.left && ring.right <= map.right && ring.top >= map.top && ring.bottom <= map.bottom,
      };
    }),
  }));
  const local = (zone, at) => new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit",
  }).format(at).replace(",", "");
  // The table follows the clock within seconds of the full minute.
  let seen;
  const isRight = ({ zone, shown }) => [0, 60_000].some((late) => shown === local(zone, Date.parse(seen.clock) - late));
  for (const until = Date.now() + LIMIT_MS; ;) {
    seen = await read();
    if (seen.rows.length >= 5 && seen.rows.every(isRight)) break;
    assert.ok(Date.now() < until, `not the time of the zones: ${JSON.stringify(seen)}`);
  }
  const zones = ["Pacific/Honolulu", "America/Los_Angeles", "America/Phoenix", "America/New_York", "Europe/London"];
  assert.deepEqual([...new Set(seen.rows.map((row) => row.zone))].sort(), [...zones].sort());
  const marks = [...seen.marks].sort((a, b) => a.x - b.x);
  assert.deepEqual(marks.map((mark) => mark.zone), zones, "from west to east");
  for (const { zone, shown, calls, rules } of seen.rows) {
    const mark = marks.find((it) => it.zone === zone);
    const hour = Number(shown.slice(4, 6));
    assert.ok(mark.isInside, `${zone} is beyond the map`);
    assert.equal(mark.time, shown.slice(4), zone);
    assert.equal(mark.isFull, calls !== "not now", zone);
    if (hour < 8 || hour >= 21) assert.deepEqual([calls, rules], ["not now", 0], zone);
    else assert.equal(calls === "allowed", rules === 0, `${zone}: ${calls} by ${rules} rules`);
  }
}

async function memoryIsShown(page) {
  const card = page.locator("#function-list > li").filter({ hasText: "optout-webhook" });
  if (process.platform !== "linux") return page.getByText("Memory is not known: the sandbox reads that of a process on Linux alone.").waitFor();
  const words = await card.getByText(/^Memory at most \d+ of 256 MB$/).textContent();
  const most = Number(/\d+/.exec(words)[0]);
  assert.ok(most >= 5 && most <= 256, words);
  const bars = await card.locator("svg").nth(1).locator("rect").evaluateAll((all) => all.map((bar) => bar.getAttribute("height")));
  assert.ok(bars.length > 0 && bars.every((height) => Number(height) > 1.5), `${bars}`);
}

/** So much that every section has something to show. */
async function fill(page) {
  for (const sample of [
    "optout-webhook/unreadable-number", "disposition-handler/qualified-lead", "disposition-handler/unknown-contact",
    "campaign-scheduler/contacts-in-the-request", "campaign-scheduler/one-zone-refused", "dnc-batcher/queued-numbers",
  ]) await send(page, `${sample}.json`);
  await event(page, "evt-0011").waitFor();
  await page.locator("#run-list").getByText("CXone refused Pacific/Honolulu").waitFor();
  await letters(page).nth(1).waitFor();
  await event(page, "evt-0001").locator("summary").click();
  await letters(page).first().locator("summary").click();
}

const address = await start();
const browser = await chromium.launch({ executablePath, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
const wide = await open(browser, address, WIDE, "light");
await theSkipLinkIsFirst(wide.page);
await anEventIsFollowed(wide.page);
await aDeadLetterIsRedrivenAndDeleted(wide.page);
// The refused control is a failed request, and the browser says so.
await theSandboxIsControlled(wide.page);
assert.deepEqual(wide.wrong.splice(0).filter((words) => !words.includes("422")), []);
await aNumberIsExplained(wide.page);
await fill(wide.page);
await zonesAreOnTheMap(wide.page);
await memoryIsShown(wide.page);
await check(wide, "light, 1280 pixels");
await wide.page.setViewportSize({ ...WIDE, height: 1180 });
await wide.page.evaluate(() => scrollTo(0, 0));
await wide.page.screenshot({ path: `${images}/console.png` });
await wide.page.setViewportSize(WIDE);
await wide.page.getByLabel("Find").fill("evt-0");
await event(wide.page, "evt-0006").locator("summary").click();
await show(wide.page, "#events");
await wide.page.screenshot({ path: `${images}/console-events.png` });

await wide.page.setViewportSize({ ...WIDE, height: 1240 });
await show(wide.page, "#campaigns");
await wide.page.screenshot({ path: `${images}/console-zones.png` });
await wide.page.setViewportSize(WIDE);

for (const [name, viewport, scheme] of [
  ["dark, 1280 pixels", WIDE, "dark"], ["light, 390 pixels", PHONE, "light"], ["dark, 390 pixels", PHONE, "dark"],
]) {
  const opened = await open(browser, address, viewport, scheme);
  await letters(opened.page).nth(1).waitFor();
  await event(opened.page, "evt-0001").locator("summary").click();
  await letters(opened.page).first().locator("summary").click();
  await aNumberIsExplained(opened.page);
  await zonesAreOnTheMap(opened.page);
  await check(opened, name);
  if (viewport === PHONE && scheme === "dark") {
    await show(opened.page, "#events");
    await opened.page.screenshot({ path: `${images}/console-phone.png` });
    await show(opened.page, "#map-frame");
    await opened.page.screenshot({ path: `${images}/console-zones-phone.png` });
  } else if (viewport === WIDE) {
    await show(opened.page, "#events");
    await opened.page.screenshot({ path: `${images}/console-dark.png` });
  }
}

// The sandbox ends, and the page says so.
end();
await wide.page.getByText("the console does not answer", { exact: true }).waitFor();
await browser.close();
console.log("the console is as it should be");
