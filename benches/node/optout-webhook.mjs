// Accepts opt-out events: checks the sender, records the number, queues it for the DNC list.

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { fetchSecret } from "./secrets.mjs";

const TOLERANCE_S = 300;
const EVENT_TYPES = ["contact.opt_out", "contact.do_not_call.add"];
const { DEFAULT_REGION, DNC_QUEUE_URL, IDEMPOTENCY_TABLE, METRICS_NAMESPACE, OPT_OUTS_TABLE } =
  process.env;

const serviceName = "optout-webhook";
const logger = new Logger({ serviceName });
const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName });
const dynamodb = new DynamoDBClient({});
const sqs = new SQSClient({});
const secrets = fetchSecret(process.env.WEBHOOK_SECRET_ARN);

const config = new IdempotencyConfig({ expiresAfterSeconds: 24 * 60 * 60 });
const persistenceStore = new DynamoDBPersistenceLayer({
  tableName: IDEMPOTENCY_TABLE,
  keyAttr: "id",
  expiryAttr: "expires_at",
  awsSdkV3Client: dynamodb,
});

const accept = makeIdempotent(
  async (eventId, eventType, number) => {
    const requestedAt = new Date().toISOString();
    const item = {
      phone_number: { S: number },
      event_id: { S: eventId },
      event_type: { S: eventType },
      requested_at: { S: requestedAt },
    };
    await dynamodb.send(new PutItemCommand({ TableName: OPT_OUTS_TABLE, Item: item }));
    const request = { phoneNumber: number, reason: "webhook_opt_out", eventId, requestedAt };
    const message = { QueueUrl: DNC_QUEUE_URL, MessageBody: JSON.stringify(request) };
    await sqs.send(new SendMessageCommand(message));
    return { status: "accepted" };
  },
  { persistenceStore, config, dataIndexArgument: 0 },
);

export async function handler(event, context) {
  logger.addContext(context);
  config.registerLambdaContext(context);
  try {
    const answer = await answerTo(event);
    metrics.addMetric(answer.body.status, MetricUnit.Count, 1);
    return { statusCode: answer.statusCode, body: JSON.stringify(answer.body) };
  } finally {
    metrics.publishStoredMetrics();
  }
}

async function answerTo(event) {
  const body = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString() : event.body;
  const { webhookSecrets } = await secrets;
  if (!webhookSecrets.some((secret) => isProven(event.headers, body, secret))) {
    return refused(401, "unauthenticated");
  }
  const document = parsed(body);
  if (!EVENT_TYPES.includes(document?.eventType)) return refused(400, "unknown_event_type");
  const written = document.data?.phoneNumber ?? document.data?.contact?.phoneNumber;
  const number = parsePhoneNumberFromString(String(written), DEFAULT_REGION);
  if (!number?.isValid()) return refused(422, "invalid_phone_number");
  const eventId = document.eventId ?? event.headers["webhook-id"] ?? digest(body).toString("hex");
  const answer = await accept(eventId, document.eventType, number.number);
  logger.info("opt-out accepted", { event_id: eventId });
  return { statusCode: 200, body: answer };
}

function refused(statusCode, status) {
  logger.warn("opt-out refused", { status });
  return { statusCode, body: { status } };
}

function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Tells whether a request has a Standard Webhooks signature, or else a token, of this secret. */
function isProven(headers, body, secret) {
  if (headers["webhook-signature"]) return isSigned(headers, body, secret);
  const token = headers.authorization?.replace(/^bearer /i, "") ?? headers["x-webhook-token"];
  return timingSafeEqual(digest(token ?? ""), digest(secret));
}

function isSigned(headers, body, secret) {
  const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signatures } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(time)) <= TOLERANCE_S)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const ours = createHmac("sha256", key).update(`${id}.${time}.${body}`).digest("base64");
  return signatures.split(" ").some((one) => timingSafeEqual(digest(one), digest(`v1,${ours}`)));
}

function digest(text) {
  return createHash("sha256").update(text).digest();
}
