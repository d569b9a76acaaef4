package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/logkey"
	"chainmail/merkle"
)

// createProofs names the variable that lets TestProofFiles write a proof that is not there yet.
// Nothing lets it write one that is.
const createProofs = "CREATE_PROOFS"

// The keys of the proofs: the log's first and second, another log's, a witness's. They vouch for nothing else.
var (
	firstKey   = testKey("chainmail.example/log", 1)
	secondKey  = testKey("chainmail.example/log", 2)
	strangeKey = testKey("chainmail.example/log", 3) // of somebody who only says that it is this log's
	otherKey   = testKey("other.example/log", 4)
	witnessKey = testKey("witness.example", 5)
)

func testKey(origin string, seed byte) *logkey.Key {
	secret, _, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 32)), origin)
	if err != nil {
		panic(err)
	}
	key, err := logkey.Parse(secret)
	if err != nil {
		panic(err)
	}
	return key
}

// provenLog is a small log in memory, of which there are proofs in testdata.
type provenLog struct {
	t      testing.TB
	events []domain.Event
	stored []merkle.Hash
}

// ReadHashes makes it a tlog.HashReader.
func (l *provenLog) ReadHashes(indexes []int64) ([]merkle.Hash, error) {
	hashes := make([]merkle.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = l.stored[index]
	}
	return hashes, nil
}

func (l *provenLog) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// say appends an event.
func (l *provenLog) say(stream domain.StreamID, actor domain.Actor, d domain.Data) {
	l.t.Helper()
	encoded, err := domain.Encode(d, actor)
	l.must(err)
	l.add(domain.Event{Stream: stream, Type: encoded.Type, Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body})
}

func (l *provenLog) add(e domain.Event) {
	l.t.Helper()
	e.Position, e.Version = domain.Position(len(l.events)+1), 1
	for _, earlier := range l.events {
		if earlier.Stream == e.Stream {
			e.Version++
		}
	}
	e.ID = testID(0xee, byte(e.Position))
	e.RecordedAt = time.Date(2026, 5, 4, 9, 30, 0, 123456000, time.UTC).Add(time.Duration(e.Position) * 1_500_001 * time.Microsecond)
	hashes, err := tlog.StoredHashes(int64(len(l.events)), eventstore.Leaf(e), l)
	l.must(err)
	l.events, l.stored = append(l.events, e), append(l.stored, hashes...)
}

// checkpoint signs the tree of the first events.
func (l *provenLog) checkpoint(size int64, keys ...*logkey.Key) string {
	l.t.Helper()
	root, err := tlog.TreeHash(size, l)
	l.must(err)
	return signNote(l.t, merkle.Checkpoint{Origin: keys[0].Origin(), Size: size, Root: root}.Text(), keys...)
}

func signNote(t testing.TB, text string, keys ...*logkey.Key) string {
	t.Helper()
	signers := make([]note.Signer, len(keys))
	for i, key := range keys {
		signers[i] = key
	}
	signed, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

// prove proves the event at a position.
func (l *provenLog) prove(at domain.Position, size int64, keys ...*logkey.Key) merkle.Proof {
	l.t.Helper()
	path, err := tlog.ProveRecord(size, int64(at)-1, l)
	l.must(err)
	return merkle.Proof{Index: int64(at) - 1, Leaf: eventstore.Leaf(l.events[at-1]), Path: path, Checkpoint: l.checkpoint(size, keys...)}
}

// seal appends the seal of all there is.
func (l *provenLog) seal(first domain.Position, key *logkey.Key) {
	l.t.Helper()
	size := int64(len(l.events))
	root, err := tlog.TreeHash(size, l)
	l.must(err)
	l.say(domain.SealStream, domain.Actor{Auth: domain.AuthSystem}, &domain.MerkleBatchSealed{
		TreeSize: size, RootHash: fmt.Sprintf("%x", root[:]), FirstPosition: first, LastPosition: domain.Position(size),
		Checkpoint: l.checkpoint(size, key),
	})
}

func testID(kind, n byte) domain.ID {
	return domain.ID{0x01, 0x9d, kind, 0, 0, 0, 0x70, 0, 0x80, 15: n}
}

// What is said in the log. The positions of the messages are 5, 8 and 11.
const (
	greeting = "Hello, Bob."
	answer   = "Grüße, \"Alice\"\\ \t<b>&amp;</b> \u2028 שלום 🙂\nsecond line"
	ending   = "with a line break at its end\n"
)

var (
	saltOfGreeting = domain.Salt{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}
	saltOfAnswer   = domain.Salt{1, 2, 3}
	saltOfEnding   = domain.Salt{4, 5, 6}
)

// talk makes the log of the proofs: always the same bytes.
func talk(t testing.TB) *provenLog {
	t.Helper()
	l := &provenLog{t: t}
	alice, bob, conversation := testID(0xaa, 1), testID(0xbb, 2), testID(0xcc, 3)
	system, operator := domain.Actor{Auth: domain.AuthSystem}, domain.Actor{Auth: domain.AuthCLI}
	byAlice, byBob := domain.Actor{ID: alice, Auth: domain.AuthToken}, domain.Actor{ID: bob, Auth: domain.AuthToken}
	stream := domain.ConversationStream(conversation)
	message := func(n byte, by, to domain.ID, content string, salt domain.Salt) *domain.MessageSent {
		return &domain.MessageSent{
			MessageID: testID(0xdd, n), ConversationID: conversation, SenderID: by, ReceiverID: &to,
			Content: content, Salt: salt, ContentHash: domain.ContentHash(salt, content),
		}
	}
	l.say(domain.LogStream, system, &domain.LogCreated{LogID: testID(0, 1), Origin: firstKey.Origin(), PublicKey: firstKey.Verifier})
	l.say(domain.UserStream(alice), operator, &domain.UserRegistered{UserID: alice, Role: domain.RoleMember, Name: "Alice", Salt: domain.Salt{7}})
	l.say(domain.UserStream(bob), operator, &domain.UserRegistered{UserID: bob, Role: domain.RoleMember, Name: "Bob", Salt: domain.Salt{8}})
	l.say(stream, byAlice, &domain.ConversationStarted{ConversationID: conversation, StarterID: alice, Direct: true, ParticipantIDs: []domain.ID{alice, bob}})
	l.say(stream, byAlice, message(1, alice, bob, greeting, saltOfGreeting))
	l.say(domain.ReceiptStream(conversation), byBob, &domain.MessageDelivered{MessageID: testID(0xdd, 1), ConversationID: conversation, SenderID: alice, UserID: bob})
	l.say(domain.ReceiptStream(conversation), byBob, &domain.MessageRead{MessageID: testID(0xdd, 1), ConversationID: conversation, SenderID: alice, UserID: bob})
	l.say(stream, byBob, message(2, bob, alice, answer, saltOfAnswer))
	l.seal(1, firstKey)
	rotated, err := logkey.Announce(firstKey, secondKey)
	l.must(err)
	l.say(domain.LogStream, operator, &rotated)
	l.say(stream, byAlice, message(3, alice, bob, ending, saltOfEnding))
	l.say(stream, byAlice, &domain.ContentErased{MessageID: testID(0xdd, 1), ConversationID: &conversation, ErasedPosition: 5, ErasedBy: alice, Reason: domain.ReasonSender})
	l.seal(10, secondKey)
	return l
}

// Where the proofs are: those for every verifier of C2SP tlog-proof, and those that rest on what an event is.
const (
	treeProofs  = "../../merkle/testdata"
	eventProofs = "testdata/proofs"
)

// TestProofFiles makes the proofs anew and finds each as it is kept. One that is changed here gets a new name.
func TestProofFiles(t *testing.T) {
	t.Parallel()
	l := talk(t)
	files := map[string]string{filepath.Join(treeProofs, "log.keys"): secondKey.Verifier + "\n" + firstKey.Verifier + "\n"}
	for _, set := range []struct {
		dir, end string
		proofs   map[string]string
	}{
		{treeProofs + "/good", ".tlog-proof", goodProofs(l)},
		{treeProofs + "/broken", ".tlog-proof", brokenProofs(l)},
		{eventProofs + "/good", "", goodEventProofs(l)},
		{eventProofs + "/broken", "", brokenEventProofs(l)},
	} {
		if len(set.proofs) == 0 {
			t.Errorf("no proofs for %s", set.dir)
		}
		for name, text := range set.proofs {
			files[filepath.Join(set.dir, name+set.end)] = text
		}
		kept, err := filepath.Glob(filepath.Join(set.dir, "*"))
		l.must(err)
		for _, file := range kept {
			if _, known := files[file]; !known {
				t.Errorf("nobody knows how %s was made", file)
			}
		}
	}
	for file, made := range files {
		kept, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) && os.Getenv(createProofs) != "" {
			l.must(os.MkdirAll(filepath.Dir(file), 0o755))
			l.must(os.WriteFile(file, []byte(made), 0o644))
			continue
		}
		if err != nil {
			t.Errorf("%v (%s=1 writes a file that is missing)", err, createProofs)
		} else if string(kept) != made {
			t.Errorf("%s: got\n%q\nwant\n%q", file, made, kept)
		}
	}
}

func goodProofs(l *provenLog) map[string]string {
	proofs := map[string]merkle.Proof{
		"message":                  l.prove(5, 12, secondKey),
		"message-before-rotation":  l.prove(5, 8, firstKey),
		"answer":                   l.prove(8, 12, secondKey),
		"first":                    l.prove(1, 8, firstKey),
		"only":                     l.prove(1, 1, firstKey),
		"last":                     l.prove(13, 13, secondKey),
		"receipt":                  l.prove(7, 12, secondKey),
		"rotation":                 l.prove(10, 12, secondKey),
		"erasure":                  l.prove(12, 13, secondKey),
		"signed-by-both":           l.prove(5, 12, firstKey, secondKey),
		"signed-by-a-witness-too":  l.prove(5, 12, secondKey, witnessKey),
		"signed-by-a-stranger-too": l.prove(5, 12, strangeKey, secondKey),
	}
	extended := proofs["message"]
	text, _, _ := strings.Cut(extended.Checkpoint, "\n\n")
	extended.Checkpoint = signNote(l.t, text+"\nan extension line\n", secondKey)
	proofs["checkpoint-extended"] = extended
	texts := make(map[string]string)
	for name, p := range proofs {
		texts[name] = p.Text()
	}
	return texts
}

// asJSON is what GET /api/messages/{id}/proof answers, with changes to its fields.
func asJSON(t testing.TB, p merkle.Proof, content, salt any, changes map[string]any) string {
	t.Helper()
	size := 0
	fmt.Sscan(strings.Split(p.Checkpoint, "\n")[1], &size)
	path := []string{}
	for _, h := range p.Path {
		path = append(path, h.String())
	}
	fields := map[string]any{
		"index": p.Index, "tree_size": size, "leaf": base64.StdEncoding.EncodeToString(p.Leaf), "path": path,
		"checkpoint": p.Checkpoint, "content": content, "salt": salt, "tlog_proof": p.Text(),
	}
	for name, value := range changes {
		fields[name] = value
		if value == nil && name != "content" && name != "salt" {
			delete(fields, name)
		}
	}
	raw, err := json.MarshalIndent(fields, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw) + "\n"
}

func goodEventProofs(l *provenLog) map[string]string {
	message := l.prove(5, 12, secondKey)
	newer := &provenLog{t: l.t}
	newer.add(domain.Event{Stream: "dreams-1", Type: "DreamDreamt", Payload: []byte(`{"dream":1}`), Metadata: []byte(`{"schema_version":1,"auth":"system"}`)})
	newer.add(domain.Event{Stream: "conversation-1", Type: domain.TypeMessageSent, Payload: []byte(`{"thought":1}`), Metadata: []byte(`{"schema_version":2,"auth":"system"}`)})
	guarded := keepBack(l.t)
	return map[string]string{
		"blocked.json":             asJSON(l.t, guarded.prove(2, 4, secondKey), greeting, saltOfGreeting, nil),
		"blocked-opening.json":     asJSON(l.t, guarded.prove(1, 4, secondKey), nil, nil, nil),
		"released.json":            asJSON(l.t, guarded.prove(4, 4, secondKey), greeting, saltOfGreeting, nil),
		"message.json":             asJSON(l.t, message, greeting, saltOfGreeting, nil),
		"erased.json":              asJSON(l.t, message, nil, nil, nil),
		"answer.json":              asJSON(l.t, l.prove(8, 12, secondKey), answer, saltOfAnswer, nil),
		"ending.json":              asJSON(l.t, l.prove(11, 13, secondKey), ending, saltOfEnding, nil),
		"receipt.json":             asJSON(l.t, l.prove(7, 12, secondKey), nil, nil, nil),
		"only.json":                asJSON(l.t, l.prove(1, 1, firstKey), nil, nil, nil),
		"newer-type.tlog-proof":    newer.prove(1, 2, secondKey).Text(),
		"newer-version.tlog-proof": newer.prove(2, 2, secondKey).Text(),
	}
}
