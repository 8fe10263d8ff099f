#!/usr/bin/env python3
"""How many lines of each parser of imegha-crypto the corpora reach: `coverage.py FILE.lcov`, as README.md says."""

import collections
import pathlib
import re
import sys

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "imegha-crypto" / "src"

# What it reads (the section of FORMAT.md), its file, its functions; `name:1` is the second of that name in the file.
PARSERS = [
    ("sealed values (2)", "sealed.rs", "from_received from_received:1 from_received:2"),
    ("commitments and chunks (2)", "primitives/seal.rs", "open open:1"),
    ("runs of chunks (2, 6)", "primitives/run.rs",
     "count_chunks check_chunks open_run_to open_batches open_run open_run_in_place"),
    ("addresses, passwords, auth strings (3)", "keys/password.rs", "parse parse:1 parse_auth_string normalise is_refused"),
    ("recovery phrases (4)", "primitives/mnemonic.rs", "parse words"),
    ("wraps (5)", "envelope/wrapped.rs", "open unwrap"),
    ("wraps of the DEK (5)", "keys/dek.rs", "unwrap_by_password unwrap_by_recovery unwrap_previous"),
    ("wraps of nodes (5)", "keys/node.rs", "unwrap_root unwrap"),
    ("wraps of files (5)", "keys/file.rs", "unwrap"),
    ("wraps of albums (5)", "keys/album.rs", "unwrap unwrap_item"),
    ("wraps that were received (5)", "keys/received.rs", "unwrap unwrap_received"),
    ("wrapped identities (5)", "keys/identity.rs", "unwrap"),
    ("heads of objects (6)", "content/prefix.rs", "check"),
    ("public keys (7)", "keys/identity.rs", "parse"),
    ("RSA keys in DER (7)", "primitives/rsa.rs", "public_of check_spki"),
    ("Ed25519 keys and signatures (7)", "primitives/sign.rs", "parse verify"),
    ("key histories (7)", "keys/history.rs", "verify verify_links"),
    ("values sealed to a person (8)", "envelope/sealed_to.rs", "from_received open_signed new:1 open"),
    ("RSA-OAEP (8)", "primitives/oaep.rs", "decrypt"),
    ("epochs (9)", "envelope/epoch.rs", "open_payload parse check check_successor keeps_senders admits"),
    ("messages (9)", "envelope/message.rs", "open_message unpad from_bytes"),
    ("public links (10)", "envelope/link.rs", "parse_fragment parse is_origin open_payload signed_by parse_header"),
    ("the log (11)", "log.rs", "open_entry"),
    ("accounts (12)", "account/mod.rs", "unlock unlock_with_phrase open open_by_phrase open_previous check_params"),
    ("records of accounts (12)", "account/record.rs", "statement verify check_bounds"),
    ("requests (13)", "request.rs", "parse parse:1 verify parse_binary after check_value"),
    ("ids, hashes, signatures as text", "id.rs", "parse_hex"),
]


def main(lcov):
    counts = read(lcov)
    print("| parser (section of FORMAT.md) | functions | lines reached | not reached |")
    print("|---|---|---|---|")
    for name, path, functions in PARSERS:
        lines = {}
        for function in functions.split():
            lines |= {line: counts[path][line] for line in span(path, function) if line in counts[path]}
        missed = ", ".join(str(line) for line, count in lines.items() if count == 0)
        names = ", ".join(dict.fromkeys(function.split(":")[0] for function in functions.split()))
        print(f"| {name} | `{path}`: {names} | {sum(map(bool, lines.values()))} of {len(lines)} | {missed} |")


def read(lcov):
    """Of each file how often each line was reached."""
    counts, path = collections.defaultdict(dict), ""
    for line in open(lcov):
        if line.startswith("SF:"):
            path = line[3:].strip().rpartition("imegha-crypto/src/")[2]
        elif line.startswith("DA:"):
            number, count = map(int, line[3:].split(",")[:2])
            counts[path][number] = max(counts[path].get(number, 0), count)
    return counts


def span(path, function):
    """The lines of a function, from its name to the brace that closes it."""
    name, _, nth = function.partition(":")
    source = (SOURCES / path).read_text().split("\n")
    first = [at for at, line in enumerate(source) if re.search(rf"\bfn {name}\b", line)][int(nth or 0)]
    depth, opened = 0, False
    for last in range(first, len(source)):
        braces = re.findall(r"[{}]", re.sub(r"'[{}]'|\"[^\"]*\"", "", source[last]))
        opened |= "{" in braces
        depth += braces.count("{") - braces.count("}")
        if opened and depth == 0:
            return range(first + 1, last + 2)
    raise SystemExit(f"{path}: {name} does not end")


if __name__ == "__main__":
    main(sys.argv[1])
