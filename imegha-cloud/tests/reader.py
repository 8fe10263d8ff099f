"""Opens a cloud in an AWS account with 24 words and none of iMegha's code: from FORMAT.md and RECORDS.md, whose sections are named.

    python3 reader.py BUCKET TABLE PREFIX FOLDER < words     needs boto3 and cryptography; credentials and region as boto3 has them
"""
import base64, hashlib, hmac, json, os, sys
import boto3
from boto3.dynamodb.conditions import Key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

sha256 = lambda data: hashlib.sha256(data).digest()
number = lambda data: int.from_bytes(data, "big")
u = lambda bits, value: int(value).to_bytes(bits // 8, "big")
lp = lambda data: u(32, len(data)) + data
unbase64 = lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
label = lambda name, *parts: b"imegha/v1/" + name.encode() + b"\0" + b"".join(map(lp, parts))                 # FORMAT 1
ZERO_ID = bytes(16)

def expand(prk, info, length, hash="sha256"):                                                             # RFC 5869
    out, block, count = b"", b"", 1
    while len(out) < length:
        block, count = hmac.digest(prk, block + info + bytes([count]), hash), count + 1
        out += block
    return out[:length]

def open_sealed(key, context, sealed):                                                                    # FORMAT 2
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + sealed[:24] + context
    keys, chunks = expand(key, info, 76, "sha512"), sealed[56:]
    if not hmac.compare_digest(keys[44:], sealed[24:56]): raise ValueError("another key, or another place")
    cipher, nonce = AESGCM(keys[:32]), number(keys[32:44])
    plain = [cipher.decrypt(u(96, nonce ^ k), chunks[16400 * k:16400 * (k + 1)], b"") for k in range(len(chunks) // 16400 + 1)]
    if len(plain[-1]) > 16383: raise ValueError("the last chunk is missing")
    return b"".join(plain)

class Store:
    def __init__(self, bucket, table, prefix):
        self.bucket, self.table, self.prefix = bucket, boto3.resource("dynamodb").Table(table), prefix
        self.s3, self.latest = boto3.client("s3"), None

    def records(self, name, *parts):                                                                      # RECORDS 1, 7
        partition = name.encode() + b"\0" + b"".join(bytes([tag]) + u(16, len(part)) + part for tag, part in parts)
        query, page = {"KeyConditionExpression": Key("pk").eq(self.prefix.encode() + partition), "ConsistentRead": True}, None
        while page is None or "LastEvaluatedKey" in page:
            page = self.table.query(**query, **({"ExclusiveStartKey": page["LastEvaluatedKey"]} if page else {}))
            for item in page["Items"]:
                sort = item.pop("sk").value.removeprefix(b"\0")
                fields = sorted((name, value.value) for name, value in item.items() if name != "pk")
                key = u(16, len(partition)) + partition + sort
                record = lp(key) + b"".join(u(8, len(name)) + name.encode() + value[:1] + lp(value[1:]) for name, value in fields)
                if self.latest is not None and self.latest.pop(key, None) != sha256(record):              # RECORDS 5.5
                    raise ValueError("not the log's latest of this record")
                yield sort, {name: value[1:] for name, value in fields}

    def one(self, name):
        return next(self.records(name))[1]

def main(bucket, table, prefix, folder):
    store, phrase = Store(bucket, table, prefix), " ".join(sys.stdin.read().lower().split())
    seed = hashlib.pbkdf2_hmac("sha512", phrase.encode(), b"mnemonic", 2048)                              # BIP39
    kek = expand(hmac.digest(b"", seed, "sha256"), label("recovery-kek"), 32)                             # FORMAT 4
    wrap = store.one("wrap")
    account, epoch = wrap["account"], wrap["dek_epoch"][4:]
    dek = open_sealed(kek, label("wrap/dek-by-recovery", account, epoch), wrap["wrap"])                   # FORMAT 5
    identity = open_sealed(dek, label("wrap/identity", account, epoch, wrap["fingerprint"]), wrap["identity"])
    rsa, seed = identity[4:4 + number(identity[:4])], identity[-32:]
    spki = load_der_private_key(rsa, None).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    owner = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    if sha256(label("identity", spki, owner.public_bytes_raw())) != wrap["fingerprint"]: raise ValueError("another identity")
    cloud, head = store.one("cloud")["cloud"], store.one("head")                                          # RECORDS 5.1, 5.2
    owner.verify(head["signature"], label("log-head", cloud, head["seq"], head["hash"], head["written"]))
    log_key = expand(dek, label("purpose-key", b"log", cloud), 32)
    place, latest = (cloud, u(64, 0), bytes(32)), {}
    for count, (_, record) in enumerate(store.records("log"), 1):                                         # RECORDS 5.3, 5.4
        place = (cloud, u(64, count), place[2])
        entry = json.loads(open_sealed(log_key, label("log-entry", *place), record["entry"]))
        latest.update((unbase64(of["key"]), of["hash"] and unbase64(of["hash"])) for of in entry["records"])
        place = (*place[:2], sha256(label("log-hash", *place, record["entry"])))
    if place[1:] != (head["seq"], head["hash"]): raise ValueError("the log does not lead to its head")
    store.latest = {key: hash for key, hash in latest.items() if hash}
    walk(store, owner, cloud, store.one("cloud")["node"], {number(epoch): dek}, ZERO_ID, folder)
    if any(key[2:].startswith(b"children\0") for key in store.latest): raise ValueError("a record is missing")

def walk(store, owner, cloud, root, parent_keys, parent, path):                                           # RECORDS 5.6
    for sort, node in list(store.records("children", (1, parent))):
        id, under, keys = sort[3:], node["parent_epoch"], {}
        for key, of in (("node_key", "node_epoch"), ("former_key", "former_epoch")):
            if key in node:
                context = label("wrap/node-key", id, parent, node[of][4:], under[4:])
                keys[number(node[of])] = open_sealed(parent_keys[number(under)], context, node[key])
        metadata_key = lambda epoch: expand(keys[number(epoch)], label("metadata-key", id, epoch[4:]), 32)
        meta = open_sealed(metadata_key(node["node_epoch"]), label("record/node", id, parent, node["edit"]), node["meta"])
        name = json.loads(meta)["name"] if parent != ZERO_ID else "files" if id == root else "trash"
        if "/" in name or "\0" in name or name in ("", ".", ".."): raise ValueError("not a name")
        here = os.path.join(path, name)
        if "revision" not in node:
            os.makedirs(here, exist_ok=True)
            walk(store, owner, cloud, root, keys, id, here)
            continue
        place, epoch = (id, node["revision"], node["revision_epoch"][4:]), node["revision_epoch"]
        owner.verify(node["signature"], label("revision", cloud, *place, sha256(node["revision_meta"]), sha256(node["file_key"])))
        revision = json.loads(open_sealed(metadata_key(epoch), label("record/revision", *place), node["revision_meta"]))
        file_key = open_sealed(keys[number(epoch)], label("wrap/file-key", *place), node["file_key"])
        prefix = b"IMEGHA\x01\x01" + id + node["revision"]                                                # FORMAT 6
        sealed = store.s3.get_object(Bucket=store.bucket, Key=store.prefix + node["object"].hex())["Body"].read()
        if sealed[:88] != prefix + node["object"] + unbase64(revision["content"]): raise ValueError("another object")
        plain = open_sealed(file_key, label("file", prefix), sealed[32:])[:int(revision["size"])]
        if sha256(plain) != unbase64(revision["sha256"]): raise ValueError("not what was stored")
        with open(here, "xb") as file: file.write(plain)

main(*sys.argv[1:])
