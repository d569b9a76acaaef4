package main

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"chainmail/eventstore"
	"chainmail/eventstore/logkey"
	"chainmail/merkle"
)

// damage is what is done to a good proof, to its parts or to its text.
type damage struct {
	parts func(p *merkle.Proof)
	text  func(text string) string
}

// parts and text damage one or the other; swap replaces what stands once in the text.
func parts(change func(p *merkle.Proof)) damage   { return damage{parts: change} }
func text(change func(text string) string) damage { return damage{text: change} }
func swap(t testing.TB, from, to string) damage {
	return text(func(text string) string {
		if strings.Count(text, from) != 1 {
			t.Fatalf("%q stands %d times in %s", from, strings.Count(text, from), text)
		}
		return strings.Replace(text, from, to, 1)
	})
}

// signed replaces the checkpoint by another of the same text.
func signed(t testing.TB, change func(text string) string, keys ...*logkey.Key) damage {
	return parts(func(p *merkle.Proof) {
		text, _, _ := strings.Cut(p.Checkpoint, "\n\n")
		p.Checkpoint = signNote(t, change(text+"\n"), keys...)
	})
}

// and does more to the parts.
func (d damage) and(change func(p *merkle.Proof)) damage {
	return parts(func(p *merkle.Proof) { d.parts(p); change(p) })
}

func same(text string) string { return text }

// brokenProofs are the proof of the message at 5 in the tree of 12, in every way in which it can be wrong.
func brokenProofs(l *provenLog) map[string]string {
	texts := make(map[string]string)
	for _, kinds := range []map[string]damage{damagedLeaves(l), damagedIndexes(l), damagedPaths(l), damagedCheckpoints(l), damagedSignatures(l), damagedForms(l)} {
		for name, d := range kinds {
			p := l.prove(5, 12, secondKey)
			if d.parts != nil {
				d.parts(&p)
			}
			texts[name] = p.Text()
			if d.text != nil {
				texts[name] = d.text(p.Text())
			}
			if texts[name] == l.prove(5, 12, secondKey).Text() {
				l.t.Errorf("%s: there is no damage", name)
			}
		}
	}
	return texts
}

func damagedLeaves(l *provenLog) map[string]damage {
	good := base64.StdEncoding.EncodeToString(l.prove(5, 12, secondKey).Leaf)
	return map[string]damage{
		"leaf-bit":        parts(func(p *merkle.Proof) { p.Leaf[40] ^= 1 }),
		"leaf-last-bit":   parts(func(p *merkle.Proof) { p.Leaf[len(p.Leaf)-1] ^= 0x80 }),
		"leaf-shorter":    parts(func(p *merkle.Proof) { p.Leaf = p.Leaf[:len(p.Leaf)-1] }),
		"leaf-longer":     parts(func(p *merkle.Proof) { p.Leaf = append(p.Leaf, 0) }),
		"leaf-empty":      parts(func(p *merkle.Proof) { p.Leaf = nil }),
		"leaf-of-another": parts(func(p *merkle.Proof) { p.Leaf = l.prove(8, 12, secondKey).Leaf }),
		"leaf-of-two-hashes": parts(func(p *merkle.Proof) { // a node passed off as a leaf of a smaller tree
			leaf := merkle.LeafHash(p.Leaf)
			p.Leaf, p.Index, p.Path = slices.Concat(leaf[:], p.Path[0][:]), 2, p.Path[1:]
		}),
		"leaf-hash-instead":    parts(func(p *merkle.Proof) { h := merkle.LeafHash(p.Leaf); p.Leaf = h[:] }),
		"extra-missing":        swap(l.t, "extra "+good+"\n", ""),
		"extra-twice":          swap(l.t, "extra "+good+"\n", "extra "+good+"\nextra "+good+"\n"),
		"extra-not-base64":     swap(l.t, "extra "+good, "extra *"+good[1:]),
		"extra-broken-line":    swap(l.t, "extra "+good, "extra "+good[:76]+"\n"+good[76:]),
		"extra-carriage":       swap(l.t, good, good+"\r"),
		"extra-two-spaces":     swap(l.t, "extra ", "extra  "),
		"extra-upper-case":     swap(l.t, "extra ", "Extra "),
		"extra-after-index":    swap(l.t, "extra "+good+"\nindex 4\n", "index 4\nextra "+good+"\n"),
		"extra-not-canonical":  text(func(text string) string { return nonCanonical(text, "\nindex") }),
		"extra-without-equals": text(func(text string) string { return strings.Replace(text, "=\nindex", "\nindex", 1) }),
	}
}

// nonCanonical sets a bit that base64 does not use: the text must have padding before the end that is named.
func nonCanonical(text, end string) string {
	at := strings.Index(text, end)
	for text[at-1] == '=' {
		at--
	}
	return text[:at-1] + string(text[at-1]+1) + text[at:]
}

func damagedIndexes(l *provenLog) map[string]damage {
	kinds := make(map[string]damage)
	for name, index := range map[string]string{
		"one-less": "3", "one-more": "5", "is-size": "12", "beyond-size": "16", "of-its-mirror": "7",
		"negative": "-4", "leading-zero": "04", "plus": "+4", "hexadecimal": "0x4", "word": "four", "fraction": "4.0",
		"beyond-64-bits": "18446744073709551620", "beyond-63-bits": "9223372036854775808", "nothing": "",
		"space-behind": "4 ", "carriage": "4\r", "arabic": "٤",
	} {
		kinds["index-"+name] = swap(l.t, "index 4\n", "index "+index+"\n")
	}
	kinds["index-missing"] = swap(l.t, "index 4\n", "")
	kinds["index-twice"] = swap(l.t, "index 4\n", "index 4\nindex 4\n")
	return kinds
}

func damagedPaths(l *provenLog) map[string]damage {
	path := l.prove(5, 12, secondKey).Path
	line := path[1].String()
	slashed := path[slices.IndexFunc(path, func(h merkle.Hash) bool { return strings.Contains(h.String(), "/") })].String()
	more, leaf := merkle.LeafHash(nil), merkle.LeafHash(l.prove(5, 12, secondKey).Leaf)
	return map[string]damage{
		"path-bit":             parts(func(p *merkle.Proof) { p.Path[2][7] ^= 4 }),
		"path-last-bit":        parts(func(p *merkle.Proof) { p.Path[3][31] ^= 1 }),
		"path-first-missing":   parts(func(p *merkle.Proof) { p.Path = p.Path[1:] }),
		"path-last-missing":    parts(func(p *merkle.Proof) { p.Path = p.Path[:3] }),
		"path-empty":           parts(func(p *merkle.Proof) { p.Path = nil }),
		"path-one-more-behind": parts(func(p *merkle.Proof) { p.Path = append(p.Path, more) }),
		"path-one-more-before": parts(func(p *merkle.Proof) { p.Path = slices.Insert(p.Path, 0, more) }),
		"path-two-exchanged":   parts(func(p *merkle.Proof) { p.Path[1], p.Path[2] = p.Path[2], p.Path[1] }),
		"path-reversed":        parts(func(p *merkle.Proof) { slices.Reverse(p.Path) }),
		"path-of-another":      parts(func(p *merkle.Proof) { p.Path = l.prove(8, 12, secondKey).Path }),
		"path-31-bytes":        swap(l.t, line, base64.StdEncoding.EncodeToString(path[1][:31])),
		"path-33-bytes":        swap(l.t, line, base64.StdEncoding.EncodeToString(append(path[1][:], 0))),
		"path-not-canonical":   swap(l.t, line, nonCanonical(line+"\n", "\n")[:len(line)]),
		"path-without-padding": swap(l.t, line, strings.TrimSuffix(line, "=")),
		"path-url-alphabet": text(func(text string) string {
			return strings.Replace(text, slashed, strings.ReplaceAll(slashed, "/", "_"), 1)
		}),
		"path-hexadecimal":       swap(l.t, line, strings.Repeat("5a", 32)),
		"path-space":             swap(l.t, line, line+" "),
		"path-carriage-in-a-row": swap(l.t, line, line+"\r"),
		// Whoever only compares the root would take these: the log signed it for a tree of another size.
		"path-short-of-its-tree": signed(l.t, func(text string) string { return replaceLine(text, 2, leaf.String()) }, secondKey).and(func(p *merkle.Proof) { p.Path = nil }),
		"path-beyond-its-tree": parts(func(p *merkle.Proof) {
			p.Index, p.Leaf, p.Path = 0, eventstore.Leaf(l.events[0]), []merkle.Hash{more}
			root := merkle.NodeHash(more, merkle.LeafHash(p.Leaf))
			p.Checkpoint = signNote(l.t, merkle.Checkpoint{Origin: secondKey.Origin(), Size: 1, Root: root}.Text(), secondKey)
		}),
		"path-two-in-a-line": swap(l.t, line+"\n", line),
	}
}

func damagedCheckpoints(l *provenLog) map[string]damage {
	root, err := tlog.TreeHash(12, l)
	l.must(err)
	flipped := root
	flipped[0] ^= 1
	return map[string]damage{
		"checkpoint-size-less":         swap(l.t, "\n12\n", "\n11\n"),
		"checkpoint-size-more":         swap(l.t, "\n12\n", "\n13\n"),
		"checkpoint-size-leading-zero": signed(l.t, func(text string) string { return strings.Replace(text, "\n12\n", "\n012\n", 1) }, secondKey),
		"checkpoint-root-bit":          parts(func(p *merkle.Proof) { p.Checkpoint = replaceLine(p.Checkpoint, 2, flipped.String()) }),
		"checkpoint-root-31-bytes":     signed(l.t, func(text string) string { return replaceLine(text, 2, base64.StdEncoding.EncodeToString(root[:31])) }, secondKey),
		"checkpoint-root-not-canonical": signed(l.t, func(text string) string {
			return replaceLine(text, 2, nonCanonical(root.String()+"\n", "\n")[:len(root.String())])
		}, secondKey),
		"checkpoint-origin-changed": parts(func(p *merkle.Proof) { p.Checkpoint = replaceLine(p.Checkpoint, 0, "chainmail.example/fog") }),
		"checkpoint-origin-other":   signed(l.t, func(text string) string { return replaceLine(text, 0, "other.example/log") }, secondKey),
		"checkpoint-of-another-log": signed(l.t, func(text string) string { return replaceLine(text, 0, "other.example/log") }, otherKey),
		"checkpoint-older":          parts(func(p *merkle.Proof) { p.Checkpoint = l.checkpoint(8, firstKey) }),
		"checkpoint-newer":          parts(func(p *merkle.Proof) { p.Checkpoint = l.checkpoint(13, secondKey) }),
		"checkpoint-empty-tree":     parts(func(p *merkle.Proof) { p.Checkpoint = l.checkpoint(0, secondKey) }),
		"checkpoint-beyond-62-bits": signed(l.t, func(text string) string { return replaceLine(text, 1, strconv.Itoa(1<<62+1)) }, secondKey),
		"checkpoint-extended":       swap(l.t, root.String()+"\n", root.String()+"\nan extension that is not signed\n"),
		"checkpoint-empty-line":     signed(l.t, func(text string) string { return text + "\nmore\n" }, secondKey),
		"checkpoint-without-root":   signed(l.t, func(text string) string { return strings.Replace(text, root.String()+"\n", "", 1) }, secondKey),
		"checkpoint-missing":        parts(func(p *merkle.Proof) { p.Checkpoint = "" }),
		"checkpoint-an-announcement": parts(func(p *merkle.Proof) {
			rotated, err := logkey.Announce(firstKey, secondKey)
			l.must(err)
			p.Checkpoint = rotated.Announcement
		}),
		"checkpoint-not-utf8":     swap(l.t, "\n12\n", "\n12\n\xff\n"),
		"checkpoint-tab":          swap(l.t, "\n12\n", "\n12\t\n"),
		"checkpoint-no-empty-row": text(func(text string) string { return strings.Replace(text, "\n\nchainmail", "\nchainmail", 1) }),
	}
}

// replaceLine replaces one line of a text, counted from 0.
func replaceLine(text string, n int, line string) string {
	lines := strings.Split(text, "\n")
	lines[n] = line
	return strings.Join(lines, "\n")
}

func damagedSignatures(l *provenLog) map[string]damage {
	checkpoint := l.checkpoint(12, secondKey)
	_, line, _ := strings.Cut(checkpoint, "\n\n")
	encoded := strings.TrimSpace(line[strings.LastIndex(line, " "):])
	raw, err := base64.StdEncoding.DecodeString(encoded)
	l.must(err)
	_, strange, _ := strings.Cut(l.checkpoint(12, strangeKey), "\n\n")
	_, older, _ := strings.Cut(l.checkpoint(8, secondKey), "\n\n")
	signature := func(change func(sig []byte) []byte) damage {
		return swap(l.t, encoded, base64.StdEncoding.EncodeToString(change(slices.Clone(raw))))
	}
	return map[string]damage{
		"signature-bit":           signature(func(sig []byte) []byte { sig[20] ^= 1; return sig }),
		"signature-bit-of-s":      signature(func(sig []byte) []byte { sig[50] ^= 1; return sig }),
		"signature-key-id":        signature(func(sig []byte) []byte { sig[0] ^= 1; return sig }),
		"signature-shorter":       signature(func(sig []byte) []byte { return sig[:len(sig)-1] }),
		"signature-longer":        signature(func(sig []byte) []byte { return append(sig, 0) }),
		"signature-only-key-id":   signature(func(sig []byte) []byte { return sig[:4] }),
		"signature-plus-order":    signature(plusOrder),
		"signature-of-stranger":   swap(l.t, line, strange),
		"signature-of-witness":    signed(l.t, same, witnessKey),
		"signature-id-borrowed":   swap(l.t, line, borrowID(l.t, line, strange)),
		"signature-of-older":      swap(l.t, line, older),
		"signature-missing":       swap(l.t, line, ""),
		"signature-empty":         swap(l.t, " "+encoded, ""),
		"signature-other-name":    swap(l.t, "— chainmail.example/log ", "— chainmail.example/fog "),
		"signature-no-name":       swap(l.t, "— chainmail.example/log ", "— "),
		"signature-hyphen":        swap(l.t, "— ", "- "),
		"signature-no-newline":    swap(l.t, line, strings.TrimSuffix(line, "\n")),
		"signature-not-base64":    swap(l.t, encoded, "*"+encoded[1:]),
		"signature-not-canonical": text(func(text string) string { return nonCanonical(text+"$", "\n$")[:len(text)] }),
		"signature-second-wrong": parts(func(p *merkle.Proof) {
			p.Checkpoint = strings.Replace(l.checkpoint(12, secondKey, firstKey), "— chainmail.example/log "+encoded, "— chainmail.example/log "+wrong(raw), 1)
		}),
		"signature-101": swap(l.t, line, strings.Repeat("— witness.example AAAAAAA=\n", 100)+line),
	}
}

// wrong is a signature with a bit changed.
func wrong(raw []byte) string {
	raw = slices.Clone(raw)
	raw[30] ^= 0x10
	return base64.StdEncoding.EncodeToString(raw)
}

// borrowID returns a stranger's signature line under the key id of ours.
func borrowID(t testing.TB, ours, strange string) string {
	t.Helper()
	decode := func(line string) []byte {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line[strings.LastIndex(line, " "):]))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	raw := slices.Concat(decode(ours)[:4], decode(strange)[4:])
	return strange[:strings.LastIndex(strange, " ")+1] + base64.StdEncoding.EncodeToString(raw) + "\n"
}

// plusOrder adds the order of the group to a signature's S: the same number, which RFC 8032 §5.1.7 refuses.
func plusOrder(sig []byte) []byte {
	order := []byte{
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
	}
	carry := 0
	for i, b := range order {
		carry += int(sig[36+i]) + int(b)
		sig[36+i] = byte(carry)
		carry >>= 8
	}
	return sig
}

func damagedForms(l *provenLog) map[string]damage {
	return map[string]damage{
		"header-other-version": swap(l.t, "tlog-proof@v1", "tlog-proof@v2"),
		"header-missing":       swap(l.t, "c2sp.org/tlog-proof@v1\n", ""),
		"header-space":         swap(l.t, "tlog-proof@v1\n", "tlog-proof@v1 \n"),
		"header-carriage":      swap(l.t, "tlog-proof@v1\n", "tlog-proof@v1\r\n"),
		"form-crlf":            text(func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }),
		"form-crlf-in-head": text(func(text string) string {
			head, rest, _ := strings.Cut(text, "\n\n")
			return strings.ReplaceAll(head, "\n", "\r\n") + "\n\n" + rest
		}),
		"form-byte-order-mark": text(func(text string) string { return "\ufeff" + text }),
		"form-empty":           text(func(string) string { return "" }),
		"form-one-line":        text(func(string) string { return "c2sp.org/tlog-proof@v1" }),
		"form-leading-line":    text(func(text string) string { return "\n" + text }),
		"form-trailing-line":   text(func(text string) string { return text + "\n" }),
		"form-trailing-words":  text(func(text string) string { return text + "and so on\n" }),
		"form-trailing-byte":   text(func(text string) string { return text + "\x00" }),
		"form-twice":           text(func(text string) string { return text + text }),
		"form-truncated":       text(func(text string) string { return text[:len(text)/2] }),
		"form-truncated-late":  text(func(text string) string { return text[:len(text)-9] }),
		"form-only-checkpoint": text(func(text string) string { _, checkpoint, _ := strings.Cut(text, "\n\n"); return checkpoint }),
		"form-wide":            text(func(text string) string { return strings.Join(strings.Split(text, ""), "\x00") }),
	}
}

// brokenEventProofs lead to a signed root, but from what is no such event, or are JSON that says more than it proves.
func brokenEventProofs(l *provenLog) map[string]string {
	message, receipt := l.prove(5, 12, secondKey), l.prove(7, 12, secondKey)
	broken := map[string]string{
		"json-index.json":         asJSON(l.t, message, greeting, saltOfGreeting, map[string]any{"index": 5}),
		"json-no-index.json":      asJSON(l.t, message, greeting, saltOfGreeting, map[string]any{"index": nil}),
		"json-tree-size.json":     asJSON(l.t, message, greeting, saltOfGreeting, map[string]any{"tree_size": 13}),
		"json-no-tree-size.json":  asJSON(l.t, message, greeting, saltOfGreeting, map[string]any{"tree_size": nil}),
		"json-leaf.json":          asJSON(l.t, message, greeting, saltOfGreeting, map[string]any{"leaf": base64.StdEncoding.EncodeToString(receipt.Leaf)}),
		"json-no-leaf.json":       asJSON(l.t, message, greeting, saltOfGreeting, map[string]any{"leaf": nil}),
		"json-path.json":          asJSON(l.t, message, greeting, saltOfGreeting, map[string]any{"path": []string{message.Path[0].String()}}),
		"json-no-path.json":       asJSON(l.t, message, greeting, saltOfGreeting, map[string]any{"path": nil}),
		"json-checkpoint.json":    asJSON(l.t, message, greeting, saltOfGreeting, map[string]any{"checkpoint": l.checkpoint(13, secondKey)}),
		"json-no-tlog-proof.json": asJSON(l.t, message, greeting, saltOfGreeting, map[string]any{"tlog_proof": nil}),
		"json-tlog-proof.json":    asJSON(l.t, message, greeting, saltOfGreeting, map[string]any{"tlog_proof": "c2sp.org/tlog-proof@v1\n"}),
		"json-other-words.json":   asJSON(l.t, message, "Hello, Rob.", saltOfGreeting, nil),
		"json-longer-words.json":  asJSON(l.t, message, greeting+"\n", saltOfGreeting, nil),
		"json-no-words.json":      asJSON(l.t, message, "", saltOfGreeting, nil),
		"json-other-salt.json":    asJSON(l.t, message, greeting, saltOfAnswer, nil),
		"json-short-salt.json":    asJSON(l.t, message, greeting, "001122", nil),
		"json-salt-missing.json":  asJSON(l.t, message, greeting, nil, nil),
		"json-words-missing.json": asJSON(l.t, message, nil, saltOfGreeting, nil),
		"json-on-a-receipt.json":  asJSON(l.t, receipt, greeting, saltOfGreeting, nil),
		"json-truncated.json":     asJSON(l.t, message, greeting, saltOfGreeting, nil)[:200],
		"json-twice.json":         strings.Repeat(asJSON(l.t, message, greeting, saltOfGreeting, nil), 2),
		"json-list.json":          "[" + asJSON(l.t, message, greeting, saltOfGreeting, nil) + "]",
		"json-empty.json":         "{}\n",
		"json-not-utf8.json":      strings.Replace(asJSON(l.t, message, greeting, saltOfGreeting, nil), "Hello", "Hell\xff", 1),
	}
	leaf := eventstore.Leaf(l.events[4])
	texts := func(payload, metadata string) []byte {
		e := l.events[4]
		e.Position, e.Payload, e.Metadata = 1, []byte(payload), []byte(metadata)
		return eventstore.Leaf(e)
	}
	payload, metadata := string(l.events[4].Payload), string(l.events[4].Metadata)
	atOne := texts(payload, metadata)
	for name, leaf := range map[string][]byte{
		"leaf-of-another-position": leaf,
		"leaf-of-no-event":         []byte("hello"),
		"leaf-other-layout":        append([]byte{2}, atOne[1:]...),
		"leaf-with-a-byte-more":    append(slices.Clone(atOne), 0),
		"leaf-with-a-byte-less":    atOne[:len(atOne)-1],
		"leaf-long-text":           slices.Replace(slices.Clone(atOne), 25, 29, 0xff, 0xff, 0xff, 0xff),
		"leaf-not-utf8":            slices.Replace(slices.Clone(atOne), 30, 31, 0xff),
		"leaf-in-a-far-year":       slices.Replace(slices.Clone(atOne), len(atOne)-8, len(atOne)-7, 0x7f),
		"leaf-payload-not-json":    texts(payload[:len(payload)-1], metadata),
		"leaf-payload-list":        texts("[]", metadata),
		"leaf-payload-empty":       texts("{}", metadata),
		"leaf-metadata-not-json":   texts(payload, "{"),
		"leaf-metadata-no-version": texts(payload, "{}"),
	} {
		hash := merkle.LeafHash(leaf)
		p := merkle.Proof{Leaf: leaf, Checkpoint: signNote(l.t, merkle.Checkpoint{Origin: secondKey.Origin(), Size: 1, Root: hash}.Text(), secondKey)}
		broken[name+".tlog-proof"] = p.Text()
	}
	return broken
}
