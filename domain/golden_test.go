package domain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"chainmail/domain"
)

// createGolden names the variable that lets the test write a golden file that is not there yet.
// Nothing lets it write one that is.
const createGolden = "CREATE_GOLDEN"

// golden is what an event's three columns hold, to the byte: one column a line in its file.
type golden struct {
	Type     domain.Type     `json:"type"`
	Payload  json.RawMessage `json:"payload"`
	Metadata json.RawMessage `json:"metadata"`
	Body     json.RawMessage `json:"body"` // null for none
}

// awkward is what people write when they mean to test us.
const awkward = "Grüße, \"Welt\"\\ \t\r\n<b>&amp;</b> \u2028\u2029 \u007f \ufffd שלום 🙂"

// samples are what the golden files of this release hold. The name is the type, the version and,
// where one type has several shapes, the shape.
func samples() map[string]domain.Data {
	client, policy := "c-1 \x01\b\f/é\u2028", strings.Repeat("5a", 32)
	toOne := saidTo(bob, hello, private, alice)[0].(*domain.MessageSent)
	toOne.ClientMessageID, toOne.PolicyHash, toOne.RiskScore = &client, &policy, 0.07
	toOne.Content, toOne.ContentHash = awkward, domain.ContentHash(salt, awkward)
	all := map[string]domain.Data{
		"LogCreated.v1": &domain.LogCreated{
			LogID: id(0x01), Origin: "chainmail.example/log", PublicKey: "chainmail.example/log+3c5e2a91+AWx1YnJpY2F0ZWQ=",
		},
		"LogKeyRotated.v1": &domain.LogKeyRotated{
			PreviousKey:  "chainmail.example/log+3c5e2a91+AWx1YnJpY2F0ZWQ=",
			PublicKey:    "chainmail.example/log+91a2e53c+AWZhYnJpY2F0ZWQ=",
			Announcement: "chainmail log key rotation v1\n…\n\n— chainmail.example/log PF4qkQ==\n",
		},
		"MerkleBatchSealed.v1": &domain.MerkleBatchSealed{
			TreeSize: 1024, RootHash: strings.Repeat("5a", 32), FirstPosition: 1, LastPosition: 1024,
			Checkpoint: "chainmail.example/log\n1024\nWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n\n— chainmail.example/log PF4qkQ==\n",
		},
		"UserRegistered.v1": &domain.UserRegistered{
			UserID: alice, Role: domain.RoleMember, Name: "Zoë <\"the admin\">", WalletAddress: wallet, Salt: salt,
		},
		"UserRegistered.v1.no-wallet": &domain.UserRegistered{UserID: root, Role: domain.RoleAdmin, Name: "Root", Salt: salt},
		"UserRegistered.v1.evidence": &domain.UserRegistered{
			UserID: alice, Role: domain.RoleMember, Name: "0x0000…05fA", WalletAddress: wallet, Salt: salt,
			Evidence: &domain.Evidence{
				Message:   "chat.example wants you to sign in with your Ethereum account:\n0x00000000219ab540356cBB839Cbe05303d7705Fa\n\nLog in <here> & now.\n",
				Signature: "0x" + strings.Repeat("5a", 65),
			},
		},
		"UserDeactivated.v1":              deactivated(alice)[0],
		"ConversationStarted.v1":          started(team, "Pläne & <mehr> \u2028", alice, bob, carol)[0],
		"ConversationStarted.v1.no-title": group(team, carol, bob, alice)[0],
		"ConversationStarted.v1.direct":   direct(private, bob, alice)[0],
		"ConversationStarted.v1.key":      requested(started(team, "Plans", alice, bob, carol))[0],
		"ParticipantAdded.v1":             added(team, dave, alice)[0],
		"ParticipantLeft.v1":              removed(team, dave, alice)[0],
		"MessageSent.v1":                  toOne,
		"MessageSent.v1.group":            said(hello, team, alice)[0],
		"MessageSent.v1.erased": &domain.MessageSent{
			MessageID: hello, ConversationID: team, SenderID: alice, ContentHash: domain.ContentHash(salt, "hello"),
			RiskScore: 1, Erased: true,
		},
		"MessageDelivered.v1": &domain.MessageDelivered{MessageID: hello, ConversationID: team, SenderID: alice, UserID: bob},
		"MessageRead.v1":      &domain.MessageRead{MessageID: hello, ConversationID: team, SenderID: alice, UserID: bob},
		"ContentErased.v1":    erased(root, 9_007_199_254_740_993, domain.ReasonModeration)[0],
		"UserBlocked.v1":      blocked(alice, bob)[0],
		"UserUnblocked.v1":    unblocked(alice, bob)[0],
	}
	maps.Copy(all, guardSamples())
	maps.Copy(all, workSamples())
	return all
}

// writer is who causes the event of a sample.
func writer(d domain.Data) domain.Actor {
	switch d := d.(type) {
	case *domain.LogCreated, *domain.MerkleBatchSealed, *domain.GuardPolicyInstalled:
		return domain.Actor{Auth: domain.AuthSystem}
	case *domain.UserRegistered:
		if d.Evidence != nil {
			return domain.Actor{Auth: domain.AuthWallet}
		}
		return domain.Actor{Auth: domain.AuthCLI}
	case *domain.LogKeyRotated:
		return domain.Actor{Auth: domain.AuthCLI}
	case *domain.ContentErased, *domain.MessageReleased:
		return domain.Actor{ID: root, Auth: domain.AuthExternal}
	case *domain.TaskCreated, *domain.TaskStatusChanged, *domain.NotificationCreated, *domain.NotificationRead, *domain.AnnouncementMade:
		return domain.Actor{ID: actingIn(d), Auth: domain.AuthToken}
	}
	return as(alice)
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, want := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encoded, err := domain.Encode(want, writer(want))
			if err != nil {
				t.Fatal(err)
			}
			g := readGolden(t, name, encoded)
			if g.Type != encoded.Type {
				t.Errorf("type: got %s, want %s", encoded.Type, g.Type)
			}
			checkBytes(t, "payload", encoded.Payload, g.Payload)
			checkBytes(t, "metadata", encoded.Metadata, g.Metadata)
			checkBytes(t, "body", encoded.Body, g.Body)

			got, err := domain.Decode(domain.Event{Type: g.Type, Payload: g.Payload, Metadata: g.Metadata, Body: g.Body})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("decoded: got %+v, want %+v", got, want)
			}
		})
	}
}

// Every file stays readable, those of versions and shapes that are no longer written too.
func TestGoldenFilesStayReadable(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/events/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		g := readGolden(t, name, domain.Encoded{})
		d, err := domain.Decode(domain.Event{Type: g.Type, Payload: g.Payload, Metadata: g.Metadata, Body: g.Body})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var checker domain.BodyChecker
		if err := checker.Check(d, g.Body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryTypeHasAGolden(t *testing.T) {
	t.Parallel()
	all := samples()
	for _, name := range typesInSource(t) {
		if _, found := all[name+".v"+strconv.Itoa(domain.SchemaVersion)]; !found {
			t.Errorf("%s has no sample of version %d", name, domain.SchemaVersion)
		}
	}
}

func readGolden(t *testing.T, name string, missing domain.Encoded) golden {
	t.Helper()
	path := filepath.Join("testdata", "events", name+".json")
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && os.Getenv(createGolden) != "" {
		raw, err = write(path, missing)
	}
	if err != nil {
		t.Fatalf("%v (%s=1 writes a file that is missing)", err, createGolden)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if string(g.Body) == "null" {
		g.Body = nil
	}
	return g
}

func write(path string, e domain.Encoded) ([]byte, error) {
	body := e.Body
	if body == nil {
		body = []byte("null")
	}
	var file bytes.Buffer
	for _, part := range []string{
		"{\n\"type\": \"", string(e.Type), "\",\n\"payload\": ", string(e.Payload),
		",\n\"metadata\": ", string(e.Metadata), ",\n\"body\": ", string(body), "\n}\n",
	} {
		file.WriteString(part)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(file.Bytes())
	return file.Bytes(), errors.Join(err, f.Close())
}

func checkBytes(t *testing.T, column string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) || (got == nil) != (want == nil) {
		t.Errorf("%s:\n got %s\nwant %s", column, got, want)
	}
}

// typesInSource lists the constants of type Type, so that no one can forget a new one.
func typesInSource(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "data.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); ok && of.Name == "Type" {
			name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
		return true
	})
	if len(names) < 12 {
		t.Fatalf("got %d types from data.go", len(names))
	}
	return names
}
