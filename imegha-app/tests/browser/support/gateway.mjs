// A gateway as a person deploys it: the program, before a bucket and a table of SeaweedFS and dynoxide.

import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";

import { answers, freePort } from "./server.mjs";
import { setting } from "./setting.mjs";

/** An empty bucket and an empty table, where that origin may go straight to the bucket. */
export async function makeAccount(origin) {
  const name = `browser-${randomBytes(6).toString("hex")}`;
  await promisify(execFile)(setting("IMEGHA_TEST_PYTHON"), ["-c", MAKE, name, origin], {
    env: {
      ...process.env,
      AWS_DEFAULT_REGION: setting("AWS_REGION"),
      AWS_ENDPOINT_URL_S3: setting("IMEGHA_TEST_S3_ENDPOINT"),
      AWS_ENDPOINT_URL_DYNAMODB: setting("IMEGHA_TEST_DYNAMODB_ENDPOINT"),
    },
  });
  return { bucket: name, table: name, s3: setting("IMEGHA_TEST_S3_ENDPOINT") };
}

/** Starts the gateway of `owner`, whose text the app shows, before that account. */
export async function startGateway({ owner, account }) {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const child = spawn(setting("IMEGHA_TEST_GATEWAY"), [], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      IMEGHA_GATEWAY_OWNER: owner,
      IMEGHA_GATEWAY_LISTEN: `127.0.0.1:${port}`,
      IMEGHA_GATEWAY_BACKEND: "aws",
      IMEGHA_GATEWAY_BUCKET: account.bucket,
      IMEGHA_GATEWAY_TABLE: account.table,
      IMEGHA_GATEWAY_S3_ENDPOINT: setting("IMEGHA_TEST_S3_ENDPOINT"),
      IMEGHA_GATEWAY_DYNAMODB_ENDPOINT: setting("IMEGHA_TEST_DYNAMODB_ENDPOINT"),
      IMEGHA_GATEWAY_DIRECT_FROM: "65536",
    },
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await answers(`${address}/healthz`, () => child.exitCode !== null, () => output);
  return {
    address,
    output: () => output,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

const MAKE = `
import sys, boto3
name, origin = sys.argv[1:]
s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
s3.create_bucket(Bucket=name)
s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [{
    "AllowedOrigins": [origin], "AllowedMethods": ["GET", "PUT"], "MaxAgeSeconds": 3600,
    "AllowedHeaders": ["range", "if-none-match", "x-amz-checksum-crc32"], "ExposeHeaders": ["Content-Range"],
}]})
keys = [("pk", "HASH"), ("sk", "RANGE")]
dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
    AttributeDefinitions=[{"AttributeName": key, "AttributeType": "B"} for key, _ in keys],
    KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys])
dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
`;
