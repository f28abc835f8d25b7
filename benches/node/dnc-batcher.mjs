// Puts queued numbers on the CXone DNC list, a batch in one request.

import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { fetchSecret } from "./secrets.mjs";

const REFRESH_BEFORE_MS = 60_000;
const CALL_MS_MAX = 10_000;
const { CXONE_BASE_URL, CXONE_DNC_LIST_ID, CXONE_SECRET_ARN, METRICS_NAMESPACE } = process.env;
const CONTACTS = `${CXONE_BASE_URL}/api/v2/outbound/dnc-lists/${CXONE_DNC_LIST_ID}/contacts`;
const TOKENS = process.env.CXONE_TOKEN_URL || `${CXONE_BASE_URL}/oauth/token`;

const serviceName = "dnc-batcher";
const logger = new Logger({ serviceName });
const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName });
const processor = new BatchProcessor(EventType.SQS);
const credentials = fetchSecret(CXONE_SECRET_ARN);
let token = { text: "", refreshAt: 0 };

export async function handler(event, context) {
  logger.addContext(context);
  const contacts = [];
  const collect = (record) => contacts.push(contactOf(record));
  const response = await processPartialResponse(event, collect, processor, { context });
  // When this fails the whole batch goes back to the queue.
  await list(contacts);
  metrics.addMetric("NumbersListed", MetricUnit.Count, contacts.length);
  metrics.publishStoredMetrics();
  logger.info("numbers listed", { count: contacts.length });
  return response;
}

function contactOf(record) {
  const { phoneNumber, reason } = JSON.parse(record.body);
  if (!/^\+\d{7,15}$/.test(phoneNumber)) throw new Error("the message holds no number");
  return { phoneNumber, reason, source: "internal_system" };
}

async function list(contacts) {
  await call("addToDncList", CONTACTS, {
    headers: {
      authorization: `Bearer ${await bearer()}`,
      "content-type": "application/json",
      "x-cxone-version": "2023-10-01",
    },
    body: JSON.stringify({ contacts }),
  });
}

/** Returns a token of the client credentials, which is kept for as long as it lives. */
async function bearer() {
  if (Date.now() < token.refreshAt) return token.text;
  const { clientId, clientSecret } = await credentials;
  const pair = [clientId, clientSecret].map(encodeURIComponent).join(":");
  const response = await call("token", TOKENS, {
    headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token, expires_in } = await response.json();
  token = { text: access_token, refreshAt: Date.now() + expires_in * 1000 - REFRESH_BEFORE_MS };
  return token.text;
}

async function call(operation, url, request) {
  const signal = AbortSignal.timeout(CALL_MS_MAX);
  const response = await fetch(url, { method: "POST", signal, ...request });
  if (!response.ok) throw new Error(`${operation} failed with ${response.status}`);
  return response;
}
