#!/usr/bin/env python3
"""Verifies proofs of a Chainmail log, offline, with nothing but Python's standard library.

    verify.py --log-key KEY [--content FILE --salt HEX] PROOF...

KEY is the log's verifier key, or a file with one a line. PROOF is a tlog-proof or the JSON of
GET /api/messages/{id}/proof. Prints a line for each; exit status 1 when one does not hold.

It is written from verification.md, to which the numbers (1) to (7) refer, and shares no code with the server.
"""
import argparse
import base64
import hashlib
import json
import os
import re
import sys
import uuid
from datetime import datetime, timedelta, timezone

MOST_BYTES = 1 << 20
MOST_LEAVES = 1 << 62


class Refused(Exception):
    """The proof does not hold."""


def need(condition, reason):
    if not condition:
        raise Refused(reason)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def from_base64(text, canonical=True):
    need(len(text) % 4 == 0 and re.fullmatch("[A-Za-z0-9+/]*={0,2}", text), "not base64: %r" % text)
    raw = base64.b64decode(text)
    need(not canonical or base64.b64encode(raw).decode() == text, "not canonical base64: %r" % text)
    return raw


def to_number(text):
    need(re.fullmatch("0|[1-9][0-9]{0,18}", text) and int(text) <= MOST_LEAVES, "not a number: %r" % text)
    return int(text)


def to_hash(text):
    raw = from_base64(text)
    need(len(raw) == 32, "not a hash: %r" % text)
    return raw


# Ed25519, RFC 8032 §5.1. A point is (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def point_add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_mul(n, p):
    q = (0, 1, 1, 0)
    while n > 0:
        if n & 1:
            q = point_add(q, p)
        p, n = point_add(p, p), n >> 1
    return q


def point_encode(p):
    inverse = pow(p[2], -1, P)
    return (p[1] * inverse % P | (p[0] * inverse % P & 1) << 255).to_bytes(32, "little")


def point_decode(raw):
    """Returns None for what is no point."""
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or y >= P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def signed_by(public, signature, message):
    """RFC 8032 §5.1.7."""
    point = point_decode(public)
    if len(signature) != 64 or point is None:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    minus = P - point[0], point[1], 1, P - point[3]
    return point_encode(point_add(point_mul(s, BASE), point_mul(k, minus))) == signature[:32]


def parse_key(text):
    """(1) Returns name, key id and Ed25519 public key of <name>+<id in hex>+<base64>."""
    name, key_id, encoded = text.split("+", 2)
    raw = base64.b64decode(encoded, validate=True)
    if len(raw) != 33 or raw[0] != 1 or sha256(name.encode(), b"\n", raw)[:4].hex() != key_id.lower():
        raise ValueError("not a verifier key: " + text)
    return name, bytes.fromhex(key_id), raw[1:]


def open_note(note, keys):
    """(2) Returns the text of a signed note, and the names of the keys of ours that signed it."""
    need(not re.search("[\x00-\x09\x0b-\x1f]", note), "the note has a control character")
    text, gap, lines = note.rpartition("\n\n")
    need(gap and lines.endswith("\n"), "the note has no signatures")
    text += "\n"
    lines = lines[:-1].split("\n")
    need(len(lines) <= 100, "the note has more than 100 signatures")
    signers = set()
    for line in lines:
        match = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        need(match, "not a signature line: %r" % line)
        name, encoded = match.groups()
        raw = from_base64(encoded, canonical=False)
        need(len(raw) > 4, "a signature is too short")
        for key_name, key_id, public in keys:
            if (key_name, key_id) == (name, raw[:4]) and (name, key_id) not in signers:
                need(signed_by(public, raw[4:], text.encode()), "the signature of %s is wrong" % name)
                from_base64(encoded)
                signers.add((name, key_id))
    need(signers, "no key of ours has signed")
    return text, {name for name, _ in signers}


def open_checkpoint(note, keys):
    """(3) Returns origin, tree size and root hash."""
    text, signers = open_note(note, keys)
    lines = text[:-1].split("\n")
    need(len(lines) >= 3 and all(lines), "not a checkpoint")
    origin, size, root = lines[0], to_number(lines[1]), to_hash(lines[2])
    need(origin in signers, "the origin is not the name of the key that signed")
    return origin, size, root


def root_of(leaf, index, size, path):
    """(4) The root hash that a leaf and its path lead to: RFC 9162 §2.1.3.2."""
    need(index < size, "the index is not in the tree")
    node, last = index, size - 1
    found = sha256(b"\x00", leaf)
    for other in path:
        need(last > 0, "the path is too long")
        if node % 2 == 1 or node == last:
            found = sha256(b"\x01", other, found)
            while node % 2 == 0 and node > 0:
                node, last = node >> 1, last >> 1
        else:
            found = sha256(b"\x01", found, other)
        node, last = node >> 1, last >> 1
    need(last == 0, "the path is too short")
    return found


def parse_proof(text):
    """(5) Returns leaf, index, path and checkpoint of a tlog-proof."""
    head, gap, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    need(gap and len(lines) >= 3 and lines[0] == "c2sp.org/tlog-proof@v1", "not a tlog-proof")
    need(lines[1].startswith("extra ") and lines[2].startswith("index "), "no extra, or no index")
    leaf = from_base64(lines[1][len("extra "):])
    need(leaf, "the leaf is empty")
    return leaf, to_number(lines[2][len("index "):]), [to_hash(line) for line in lines[3:]], checkpoint


def parse_leaf(leaf):
    """(6) Returns the event's columns."""
    at = 0

    def take(count):
        nonlocal at
        need(at + count <= len(leaf), "the leaf ends too early")
        at += count
        return leaf[at - count:at]

    def number():
        return int.from_bytes(take(8), "big", signed=True)

    def text():
        return take(int.from_bytes(take(4), "big")).decode()

    need(take(1) == b"\x01", "the leaf has another layout")
    event = {"position": number(), "event_id": str(uuid.UUID(bytes=take(16))), "stream": text(), "stream_version": number(),
             "type": text(), "payload": text(), "metadata": text()}
    micros = number()
    need(at == len(leaf), "the leaf goes on after its end")
    need(event["stream_version"] >= 0 and 0 <= micros < 253402300800000000, "a number in the leaf is out of range")
    event["recorded_at"] = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=micros)
    event["payload"], metadata = json.loads(event["payload"]), json.loads(event["metadata"])
    version = metadata.get("schema_version") if type(metadata) is dict else None
    need(type(version) is int and version > 0, "the metadata has no schema_version")
    event["blocked"] = event["type"] == "MessageBlocked"
    event["message"] = (event["blocked"] or event["type"] == "MessageSent") and version == 1
    if event["message"]:
        need(type(event["payload"]) is dict, "the payload is no object")
        for field in ("message_id", "sender_id") + (() if event["blocked"] else ("conversation_id",)):
            uuid.UUID(event["payload"].get(field, ""))
    return event


def check_words(event, content, salt):
    """(7)"""
    need(event["message"], "words were given, and the event is no message")
    need(re.fullmatch("[0-9a-fA-F]{32}", salt), "the salt is not 32 hex digits")
    need(sha256(bytes.fromhex(salt), content).hex() == event["payload"]["content_hash"], "the words do not match")


def check_json(raw):
    """Returns the tlog-proof within, and its words or None. The other fields must say the same as the text."""
    fields = json.loads(raw)
    text = fields.get("tlog_proof") or ""
    leaf, index, path, checkpoint = parse_proof(text)
    encode = lambda part: base64.b64encode(part).decode()
    for name, want in {"index": index, "leaf": encode(leaf), "path": [encode(p) for p in path], "checkpoint": checkpoint,
                       "tree_size": to_number((checkpoint.split("\n") + [""])[1])}.items():
        got = fields.get(name)
        need(type(got) is type(want) and got == want, name + " is missing, or says something else than tlog_proof")
    content, salt = fields.get("content"), fields.get("salt")
    need((content is None) == (salt is None), "of content and salt one is missing")
    return text, None if content is None else (content.encode(), salt)


def verify(raw, keys, given=None):
    """Returns a line that says what the proof shows. Raises Refused, or ValueError, for one that does not hold."""
    need(len(raw) <= MOST_BYTES, "the proof is too large")
    text, words = raw.decode(), None
    if text.lstrip(" \t\r\n").startswith("{"):
        text, words = check_json(text)
    leaf, index, path, checkpoint = parse_proof(text)
    origin, size, root = open_checkpoint(checkpoint, keys)
    need(root_of(leaf, index, size, path) == root, "the path does not lead to the signed root")
    event = parse_leaf(leaf)
    need(event["position"] == index + 1, "the leaf is of another position")
    for content, salt in filter(None, [words, given]):
        check_words(event, content, salt)
    line = "%s is at position %d of %s (%d leaves), recorded %s" % (
        event["type"], event["position"], origin, size, event["recorded_at"].isoformat())
    if event["message"]:
        line += ", message %(message_id)s of sender %(sender_id)s" % event["payload"]
        line += ", blocked and not sent" if event["blocked"] else ""
        line += ", the words match" if words or given else ", words not checked"
    return line


def read_keys(key_or_file):
    if not os.path.exists(key_or_file):
        return [parse_key(key_or_file)]
    with open(key_or_file, encoding="utf-8") as file:
        return [parse_key(line.strip()) for line in file if line.strip()]


def main():
    parser = argparse.ArgumentParser(description="Verify proofs of a Chainmail log.")
    parser.add_argument("--log-key", required=True, help="the log's verifier key, or a file with one a line")
    parser.add_argument("--content", help="a file with the words, to the byte")
    parser.add_argument("--salt", default="", help="their salt, 32 hex digits")
    parser.add_argument("proofs", nargs="+", metavar="PROOF")
    options = parser.parse_args()
    keys = read_keys(options.log_key)
    given = (open(options.content, "rb").read(), options.salt) if options.content else None
    status = 0
    for path in options.proofs:
        try:
            with open(path, "rb") as file:
                print("HOLDS %s: %s" % (path, verify(file.read(MOST_BYTES + 1), keys, given)))
        except (Refused, ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
            print("FALSE %s: %s" % (path, problem))
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
