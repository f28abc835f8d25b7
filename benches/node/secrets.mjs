// Secrets from Secrets Manager.

import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

const client = new SecretsManagerClient({});

/** Fetches a secret that holds a JSON document. */
export async function fetchSecret(arn) {
  const secret = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  return JSON.parse(secret.SecretString);
}
