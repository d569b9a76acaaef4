package httpapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"chainmail/domain"
	"chainmail/eventstore/logkey"
	"chainmail/merkle"
	"chainmail/projections/batches"
	"chainmail/transport/httpapi"
)

// sealedLog is a world whose log is sealed on request.
type sealedLog struct {
	*world
	key         *logkey.Key
	checkpoints []merkle.Checkpoint // of each seal
}

func newSealedLog(t testing.TB, changes ...func(*httpapi.Config)) *sealedLog {
	t.Helper()
	w := newWorld(t, changes...)
	l := &sealedLog{world: w, key: newKey(t)}
	l.append(&domain.LogCreated{LogID: newID(), Origin: l.key.Origin(), PublicKey: l.key.Verifier})
	return l
}

func newKey(t testing.TB) *logkey.Key {
	t.Helper()
	_, key, err := logkey.Generate("chainmail.example/log")
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (l *sealedLog) append(data domain.Data) {
	l.t.Helper()
	_, err := l.log.Append(l.t.Context(), domain.Decision{
		Actor: domain.Actor{Auth: domain.AuthSystem}, Drafts: []domain.Draft{{Stream: domain.LogStream, Data: data}},
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// seal seals all that is in the log, and waits until the API knows.
func (l *sealedLog) seal() merkle.Checkpoint {
	l.t.Helper()
	head := l.log.Head()
	r, err := batches.Tree{DB: l.log.DB()}.Range(l.t.Context(), int64(head))
	if err != nil {
		l.t.Fatal(err)
	}
	c := merkle.Checkpoint{Origin: l.key.Origin(), Size: int64(head), Root: r.Root()}
	signed, err := c.Sign(l.key)
	if err != nil {
		l.t.Fatal(err)
	}
	first := domain.Position(1)
	if n := len(l.checkpoints); n > 0 {
		first = domain.Position(l.checkpoints[n-1].Size + 1)
	}
	d := domain.NewState().Seal(domain.Batch{First: first, Last: head, Root: c.Root, Checkpoint: signed})
	if _, err := l.log.Append(l.t.Context(), d); err != nil {
		l.t.Fatal(err)
	}
	if err := l.runner.Wait(l.t.Context(), batches.Name, l.log.Head()); err != nil {
		l.t.Fatal(err)
	}
	l.checkpoints = append(l.checkpoints, c)
	return c
}

func (l *sealedLog) get(path string, header ...string) reply {
	l.t.Helper()
	return l.call("", http.MethodGet, path, nil, header...)
}

func (l *sealedLog) verifier() note.Verifier {
	l.t.Helper()
	v, err := note.NewVerifier(l.key.Verifier)
	if err != nil {
		l.t.Fatal(err)
	}
	return v
}

// retry fails the test unless the answer says when to ask again.
func (r reply) retry() reply {
	r.t.Helper()
	if s, err := strconv.Atoi(r.header.Get("Retry-After")); err != nil || s < 1 || r.body["retry_after"] != float64(s) {
		r.t.Errorf("%s: Retry-After %q, %s", r.what, r.header.Get("Retry-After"), r.raw)
	}
	return r
}

func (r reply) headers(contentType, cache string) {
	r.t.Helper()
	if got := r.header.Get("Content-Type"); r.status != http.StatusOK || got != contentType {
		r.t.Errorf("%s: %d %s %s", r.what, r.status, got, r.raw)
	}
	if got := r.header.Get("Cache-Control"); !strings.Contains(got, cache) {
		r.t.Errorf("%s: Cache-Control %q", r.what, got)
	}
}

func TestCheckpoint(t *testing.T) {
	t.Parallel()
	l := newSealedLog(t, func(c *httpapi.Config) { c.Origins = []string{"https://page.example"} })
	l.get("/checkpoint").problem(http.StatusNotFound, "not_found", "").retry()
	for range 2 {
		want := l.seal()
		r := l.get("/checkpoint", "Origin", "https://page.example")
		r.headers("text/plain; charset=utf-8", "max-age=2")
		if got, err := merkle.OpenCheckpoint(r.raw, l.verifier()); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		if r.header.Get("Access-Control-Allow-Origin") != "https://page.example" {
			t.Errorf("headers: %v", r.header)
		}
	}
	if r := l.call("", http.MethodHead, "/checkpoint", nil); r.status != http.StatusOK || r.raw != "" {
		t.Errorf("HEAD: %d %s", r.status, r.raw)
	}
	l.call("", http.MethodPost, "/checkpoint", object{}).problem(http.StatusMethodNotAllowed, "not_found", "")
}

func TestLogKey(t *testing.T) {
	t.Parallel()
	l := newSealedLog(t)
	r := l.get("/api/log-key")
	r.headers("text/plain; charset=utf-8", "max-age=2")
	if r.raw != l.key.Verifier+"\n" {
		t.Errorf("got %q", r.raw)
	}
	next := newKey(t)
	rotated, err := logkey.Announce(l.key, next)
	if err != nil {
		t.Fatal(err)
	}
	l.append(&rotated)
	if got, want := l.get("/api/log-key").raw, next.Verifier+"\n"+l.key.Verifier+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// overHTTP reads tiles as a stranger does.
type overHTTP struct{ l *sealedLog }

func (overHTTP) Height() int                     { return merkle.TileHeight }
func (overHTTP) SaveTiles([]tlog.Tile, [][]byte) {}
func (o overHTTP) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		r := o.l.get("/tile/" + merkle.TilePath(tile))
		r.headers("application/octet-stream", "immutable")
		data = append(data, []byte(r.raw))
	}
	return data, nil
}

// The tiles give every leaf of the tree, checked against the checkpoint's root by a client that shares no code with
// the server.
func TestTiles(t *testing.T) {
	t.Parallel()
	l := newSealedLog(t)
	l.get("/tile/0/000.p/1").problem(http.StatusNotFound, "not_found", "").retry()
	l.fill(300)
	l.seal()
	l.fill(400)
	c := l.seal()
	reader := tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, overHTTP{l})
	var leaves []int64
	for i := range c.Size {
		leaves = append(leaves, tlog.StoredHashIndex(0, i))
	}
	hashes, err := reader.ReadHashes(leaves)
	if err != nil {
		t.Fatal(err)
	}
	var r merkle.Range
	for _, h := range hashes {
		r.Append(h)
	}
	if r.Root() != c.Root {
		t.Error("the tiles' leaves have another root")
	}
	last := fmt.Sprintf("/tile/0/002.p/%d", c.Size-512)
	if r := l.get(last); r.status != http.StatusOK || int64(len(r.raw)) != 32*(c.Size-512) {
		t.Errorf("%s: %d, %d bytes", last, r.status, len(r.raw))
	}
	if r := l.get("/tile/1/000.p/1"); r.status != http.StatusOK || len(r.raw) != 32 { // narrower than it could be
		t.Errorf("a partial tile: %d %s", r.status, r.raw)
	}
}

// fill appends n events of no matter what.
func (l *sealedLog) fill(n int) {
	l.t.Helper()
	for n > 0 {
		drafts := make([]domain.Draft, min(n, 100))
		for i := range drafts {
			user := newID()
			drafts[i] = domain.Draft{Stream: domain.GuardStream(user), Data: &domain.UserBlocked{UserID: user, BlockedID: newID()}}
		}
		_, err := l.log.Append(l.t.Context(), domain.Decision{Actor: domain.Actor{ID: newID(), Auth: domain.AuthToken}, Drafts: drafts})
		if err != nil {
			l.t.Fatal(err)
		}
		n -= len(drafts)
	}
}

func TestNoTile(t *testing.T) {
	t.Parallel()
	l := newSealedLog(t)
	l.fill(300)
	size := l.seal().Size
	l.fill(300) // not sealed
	for _, path := range []string{
		"0/001", fmt.Sprintf("0/001.p/%d", size-256+1), "0/002.p/1", "0/999", "1/000", "1/000.p/2", "2/000.p/1", "63/000.p/1",
		"8/000.p/1", "0/x999/x999/x999/x999/x999/999", "64/000.p/1", "0/x000/001", "0/1", "0/000.p/0", "0/000.p/256", "0/000.p/257",
		"0/000.p/", "-1/000", "0/-01", "data/000", "entries/000", "entries/000.p/3", "", "0", "0/", "0/000/", "0/000.p/1/", "%00/000",
		"0/000%2Ep%2F1x", "8/0/000",
	} {
		if r := l.get("/tile/" + path); r.status != http.StatusNotFound || r.body["code"] != "not_found" || strings.Contains(r.header.Get("Cache-Control"), "max-age") {
			t.Errorf("%s: %d %s %v", path, r.status, r.raw, r.header)
		}
	}
	if r := l.get(fmt.Sprintf("/tile/0/001.p/%d", size-256)); r.status != http.StatusOK {
		t.Errorf("what is sealed: %d", r.status)
	}
}

// Any two checkpoints that the log has given out are shown to be of one log.
func TestConsistency(t *testing.T) {
	t.Parallel()
	l := newSealedLog(t)
	l.get("/api/log/proof/consistency?from=1&to=1").problem(http.StatusNotFound, "not_found", "").retry()
	for _, n := range []int{0, 1, 5, 120, 128, 90} {
		l.fill(n)
		l.seal()
	}
	for i, from := range l.checkpoints {
		for _, to := range l.checkpoints[i:] {
			r := l.get(fmt.Sprintf("/api/log/proof/consistency?from=%d&to=%d", from.Size, to.Size))
			r.headers("application/json", "immutable")
			if r.body["from"] != float64(from.Size) || r.body["to"] != float64(to.Size) {
				t.Errorf("%s: %s", r.what, r.raw)
			}
			path := r.hashes("path")
			if err := merkle.VerifyConsistency(path, from.Size, from.Root, to.Size, to.Root); err != nil {
				t.Errorf("%s: %v", r.what, err)
			}
			if (len(path) == 0) != (from.Size == to.Size || from.Size == 0) {
				t.Errorf("%s: a path of %d", r.what, len(path))
			}
		}
	}
	latest := l.checkpoints[len(l.checkpoints)-1].Size
	for query, want := range map[string][2]string{
		"":                                    {"missing_field", "from"},
		"from=1":                              {"missing_field", "to"},
		"to=1":                                {"missing_field", "from"},
		"from=0&to=1":                         {"invalid_field", "from"},
		"from=2&to=1":                         {"invalid_field", "from"},
		"from=-1&to=1":                        {"invalid_field", "from"},
		"from=1&to=x":                         {"invalid_field", "to"},
		"from=1&to=99999999999999999999":      {"invalid_field", "to"},
		fmt.Sprintf("from=1&to=%d", latest+1): {"invalid_field", "to"},
	} {
		l.get("/api/log/proof/consistency?"+query).problem(http.StatusUnprocessableEntity, want[0], want[1])
	}
	if r := l.get(fmt.Sprintf("/api/log/proof/consistency?from=1&to=%d", latest+1)); !strings.Contains(r.text("detail"), strconv.FormatInt(latest, 10)) {
		t.Errorf("it does not say what is allowed: %s", r.raw)
	}
}

// hashes are a list of hashes in base64.
func (r reply) hashes(field string) (hashes []merkle.Hash) {
	r.t.Helper()
	list, ok := r.body[field].([]any)
	if !ok {
		r.t.Fatalf("%s: no list %s in %s", r.what, field, r.raw)
	}
	for _, item := range list {
		h, err := tlog.ParseHash(item.(string))
		if err != nil {
			r.t.Fatal(err)
		}
		hashes = append(hashes, h)
	}
	return hashes
}

// checkProof verifies all that a proof of a message claims, in both its forms.
func (l *sealedLog) checkProof(r reply, position int64) {
	l.t.Helper()
	r.want(http.StatusOK)
	leaf, err := base64.StdEncoding.DecodeString(r.text("leaf"))
	if err != nil {
		l.t.Fatal(err)
	}
	proof := merkle.Proof{
		Index: int64(r.body["index"].(float64)), Leaf: leaf, Path: r.hashes("path"), Checkpoint: r.text("checkpoint"),
	}
	c, err := proof.Verify(l.verifier())
	if err != nil || c != l.checkpoints[len(l.checkpoints)-1] || r.body["tree_size"] != float64(c.Size) || proof.Index != position-1 {
		l.t.Errorf("%s: %v: %s", r.what, err, r.raw)
	}
	if got := r.text("tlog_proof"); got != proof.Text() {
		l.t.Errorf("%s: tlog_proof %q, want %q", r.what, got, proof.Text())
	}
}

func TestMessageProof(t *testing.T) {
	t.Parallel()
	l := newSealedLog(t)
	ann, bob, eve := l.person("Ann"), l.person("Bob"), l.person("Eve")
	admin := l.register("Root", domain.RoleAdmin, "")
	group := ann.group("proofs", bob)
	sent := make(map[string]reply)
	for i := range 30 {
		content := fmt.Sprintf("message <%d>\n", i)
		sent[content] = ann.say(group, content)
		if i%7 == 3 {
			l.seal()
		}
	}
	early := ann.say(group, "too early")
	bob.see("/api/messages/"+early.text("message_id"), early)
	bob.get("/api/messages/"+early.text("message_id")+"/proof").problem(http.StatusNotFound, "not_found", "").retry()
	l.fill(300)
	l.seal()
	for content, m := range sent {
		path := "/api/messages/" + m.text("message_id") + "/proof"
		r := bob.get(path)
		l.checkProof(r, int64(m.body["position"].(float64)))
		salt, err := hex.DecodeString(r.text("salt"))
		hash := sha256.Sum256(append(salt, r.text("content")...))
		if err != nil || len(salt) != 16 || r.text("content") != content ||
			hex.EncodeToString(hash[:]) != m.text("content_hash") {
			t.Errorf("content %q, salt %q, want %q", r.text("content"), r.text("salt"), content)
		}
		if leaf, _ := base64.StdEncoding.DecodeString(r.text("leaf")); !strings.Contains(string(leaf), m.text("content_hash")) {
			t.Errorf("the leaf lacks the content's hash: %q", leaf)
		}
	}
	path := "/api/messages/" + early.text("message_id") + "/proof"
	l.checkProof(admin.get(path), int64(early.body["position"].(float64)))
	eve.get(path).problem(http.StatusNotFound, "message_not_found", "id")
	ann.get("/api/messages/"+newID().String()+"/proof").problem(http.StatusNotFound, "message_not_found", "id")
	l.call("", http.MethodGet, path, nil).problem(http.StatusUnauthorized, "unauthenticated", "")
	ann.get("/api/messages/7/proof").problem(http.StatusUnprocessableEntity, "invalid_field", "id")
	ann.get(path+"?format=pdf").problem(http.StatusUnprocessableEntity, "invalid_field", "format")
	ann.get(path + "?format=json").want(http.StatusOK)

	file := ann.get(path + "?format=tlog-proof").want(http.StatusOK)
	file.headers("text/plain; charset=utf-8", "no-store")
	if got, want := file.header.Get("Content-Disposition"), `attachment; filename="`+early.text("message_id")+`.tlog-proof"`; got != want {
		t.Errorf("Content-Disposition %s, want %s", got, want)
	}
	if file.raw != ann.get(path).text("tlog_proof") {
		t.Error("the file is another proof")
	}
	if p, err := merkle.ParseProof(file.raw); err != nil {
		t.Error(err)
	} else if _, err := p.Verify(l.verifier()); err != nil {
		t.Error(err)
	}
	eve.get(path+"?format=tlog-proof").problem(http.StatusNotFound, "message_not_found", "id")
}

// What was erased is still proven, without its words.
func TestProofOfErasedMessage(t *testing.T) {
	t.Parallel()
	l := newSealedLog(t)
	ann, bob := l.person("Ann"), l.person("Bob")
	m := ann.say(ann.group("erased", bob), "forget this")
	l.seal()
	path := "/api/messages/" + m.text("message_id")
	erased := ann.delete(path+"/content", object{"reason": "privacy"}).want(http.StatusNoContent)
	l.seal()
	r := bob.see(path+"/proof", erased)
	l.checkProof(r, int64(m.body["position"].(float64)))
	for _, field := range []string{"content", "salt"} {
		if value, found := r.body[field]; !found || value != nil {
			t.Errorf("%s: %v, want null", field, value)
		}
	}
	if strings.Contains(r.raw, "forget this") {
		t.Error("the words are still there")
	}
}

// One who joins later gets no proof of what came before, one who left none of what came after.
func TestProofFollowsMembership(t *testing.T) {
	t.Parallel()
	l := newSealedLog(t)
	ann, bob := l.person("Ann"), l.person("Bob")
	group := ann.group("closed", l.person("Cid"))
	before := ann.say(group, "before")
	ann.post("/api/conversations/"+group+"/participants", object{"user_id": bob.id.String()}).want(http.StatusNoContent)
	within := ann.say(group, "within")
	bob.delete("/api/conversations/"+group+"/participants/"+bob.id.String(), nil).want(http.StatusNoContent)
	after := ann.say(group, "after")
	l.seal()
	for _, m := range []reply{before, after} {
		bob.get("/api/messages/"+m.text("message_id")+"/proof").problem(http.StatusNotFound, "message_not_found", "id")
	}
	l.checkProof(bob.get("/api/messages/"+within.text("message_id")+"/proof"), int64(within.body["position"].(float64)))
}
