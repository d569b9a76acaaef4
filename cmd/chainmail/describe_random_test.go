package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chainmail/migrations/pgtest"
	"chainmail/transport/httpapi/openapitest"
)

// Requests drawn from the description, half of them with something wrong, by users of every role and by nobody: the server
// answers each in time, with what the description allows, never with 500, and stays ready. What they left in the log is
// lawful, and the tables are what a rebuild makes of it.
//
// CHAINMAIL_TEST_REQUESTS says how many, CHAINMAIL_TEST_SEED which.
func TestRandomRequests(t *testing.T) {
	t.Parallel()
	f := newFuzzed(t)
	var wait sync.WaitGroup
	for i := range workers {
		wait.Go(func() { f.ask(uint64(i), setting(t, "CHAINMAIL_TEST_REQUESTS", 1_000)/workers) })
	}
	wait.Wait()
	f.hearLog()
	f.served.awaitReady(http.StatusOK, `"status":"ready"`)
	for _, op := range f.lacking() { // the requests would show nothing if they got nowhere
		t.Errorf("%s never succeeded: %v", op.ID, f.answered[op.ID])
	}
	f.machine.must("replay", "--format", "json")
	f.machine.must("rebuild", "--verify")
	if t.Failed() {
		t.Logf("to draw the same: CHAINMAIL_TEST_SEED=%d", f.seed)
	}
}

const (
	workers = 4  // how many ask at once
	tooMany = 20 // wrong answers
)

// fuzzed is a server that is asked at random.
type fuzzed struct {
	t        testing.TB
	machine  *machine
	served   *served
	seed     uint64
	document *openapitest.Document
	tokens   []string
	pool     pool
	faults   atomic.Int64

	mu       sync.Mutex
	answered map[string]map[int]int // guarded by mu; by call and status
}

func newFuzzed(t testing.TB) *fuzzed {
	t.Helper()
	m := onDatabase(t, pgtest.New(t).DSN)
	m.env = append(m.env, shippedPolicy)
	f := &fuzzed{
		t: t, machine: m, seed: uint64(setting(t, "CHAINMAIL_TEST_SEED", int(time.Now().UnixNano()&0x7FFFFFFF))),
		pool: pool{kept: make(map[string][]known)}, answered: make(map[string]map[int]int),
	}
	t.Logf("seed %d", f.seed)
	for _, role := range []string{"member", "member", "member", "member", "service", "admin", "admin"} {
		id := m.must("user", "add", "Some "+role, "--role", role)
		f.pool.put("users", id, "")
		for range 3 {
			f.pool.put("refresh_token", m.must("token", id, "--type", "refresh"), "")
		}
		f.tokens = append(f.tokens, m.must("token", id))
	}
	f.tokens = append(f.tokens, f.tokens...)
	f.tokens = append(f.tokens, "") // one in fifteen has no token
	f.served = m.serve("--listen", "127.0.0.1:0", "--rate-limit", "0", "--batch-interval", "1s")
	_, raw := f.served.get("/openapi.json")
	var err error
	if f.document, err = openapitest.Parse([]byte(raw)); err != nil {
		t.Fatal(err)
	}
	f.blockSome()
	return f
}

// blockSome gives admins something to review, since what is drawn is seldom a scam.
func (f *fuzzed) blockSome() {
	f.t.Helper()
	other := f.pool.kept["users"][1].text
	conversation := f.served.call(f.tokens[0], "POST", "/api/conversations", `{"participant_ids":["`+other+`"]}`, 201)["id"].(string)
	for range 5 {
		const scam = `{"content":"Send me your seed phrase, I am from support"}`
		blocked := f.served.call(f.tokens[0], "POST", "/api/conversations/"+conversation+"/messages", scam, 422)
		f.pool.put("blocked", blocked["message_id"].(string), "")
	}
}

// hearLog fails the test if the server complained of anything but of a request.
func (f *fuzzed) hearLog() {
	said, err := os.ReadFile(f.served.log)
	if err != nil {
		f.t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(said), "\n") {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "level=WARN") && !strings.Contains(line, "msg=request ") {
			f.t.Errorf("the server says: %.500s", line)
		}
	}
}

// setting is a number from the environment.
func setting(t testing.TB, name string, unless int) int {
	text := os.Getenv(name)
	if text == "" {
		return unless
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return n
}

// ask sends n requests, one after the other, and some more while there are calls that have not succeeded yet.
func (f *fuzzed) ask(worker uint64, n int) {
	g := &requests{
		Rand: rand.New(rand.NewPCG(f.seed, worker)), document: f.document, calls: callsOf(f.document), tokens: f.tokens, pool: &f.pool, lacking: f.lacking,
	}
	for i := 0; i < n || i < 20*n && len(f.lacking()) > 0; i++ {
		if f.faults.Load() > tooMany {
			return // nothing new is to be learnt
		}
		q := g.next()
		answer, err := f.exchange(q)
		if q.rude && errors.Is(err, syscall.ECONNRESET) {
			continue // net/http hung up before it had all of the body
		}
		if err != nil {
			f.faults.Add(1)
			f.t.Errorf("%v\nfor %s", err, q)
			continue
		}
		f.judge(q, answer)
	}
}

// exchangeLimit is how long an answer may take: the longest that the server waits for anything, and a slow machine.
const exchangeLimit = 30 * time.Second

func (f *fuzzed) exchange(q *request) (openapitest.Answer, error) {
	answer := openapitest.Answer{Method: q.method}
	answer.Path, _, _ = strings.Cut(q.path, "?")
	conn, err := net.Dial("tcp", f.served.address)
	if err != nil {
		return answer, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(exchangeLimit)); err != nil {
		return answer, err
	}
	_, _ = conn.Write(q.bytes(f.served.address)) // a server that has heard enough of a body answers and hangs up
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, &http.Request{Method: q.method})
	if err == nil && response.StatusCode == http.StatusContinue { // there is a body on its way
		response, err = http.ReadResponse(reader, &http.Request{Method: q.method})
	}
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	answer.Status, answer.Header = response.StatusCode, response.Header
	answer.Body, err = io.ReadAll(response.Body)
	return answer, err
}

// judge fails the test unless the answer is one that the description allows for this request.
func (f *fuzzed) judge(q *request, a openapitest.Answer) {
	if moved := a.Status == http.StatusMovedPermanently || a.Status == http.StatusTemporaryRedirect; moved && q.spoiled != "" {
		return // the path has "." or ".." in it
	}
	if a.Header.Get("X-Request-Id") == "" && (q.rude || a.Status == http.StatusBadRequest && q.spoiled != "") {
		return // net/http refused what is no HTTP
	}
	op := f.document.Find(a.Method, a.Path)
	if op == nil && !strings.HasPrefix(a.Path, "/api/") && !strings.HasPrefix(a.Path, "/tile/") {
		return // the page's
	}
	faults := f.document.Faults(a)
	if a.Status >= http.StatusInternalServerError && !patient(q) {
		faults = append(faults, "the server fails")
	}
	if q.refused && a.Status < http.StatusBadRequest {
		faults = append(faults, "it should be refused")
	}
	if len(faults) > 0 {
		f.faults.Add(1)
		f.t.Errorf("%s\nfor %s\nthe answer is %d %v\n  %.500q", strings.Join(faults, "; "), q, a.Status, a.Header, a.Body)
	}
	if op == nil {
		return
	}
	f.count(op.ID, a.Status)
	if position := a.Header.Get("Chainmail-Position"); position != "" {
		f.pool.put(minPosition, position, "")
	}
	var value any
	if a.Status < http.StatusMultipleChoices && json.NewDecoder(bytes.NewReader(a.Body)).Decode(&value) == nil {
		f.pool.learn(op, value, q.token)
	}
}

// patient reports whether a request asks for a position that the log does not have, for which the server waits in vain.
func patient(q *request) bool {
	return slices.ContainsFunc(q.header, func(h [2]string) bool { return h[0] == minPosition && h[1] == beyond })
}

func (f *fuzzed) count(id string, status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.answered[id] == nil {
		f.answered[id] = make(map[int]int)
	}
	f.answered[id][status]++
}

// unreached are the calls that requests made from a description cannot bring to success: who has no wallet cannot sign.
var unreached = []string{"log-in"}

// lacking are the calls that have not succeeded yet and can.
func (f *fuzzed) lacking() []*openapitest.Operation {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(callsOf(f.document), func(op *openapitest.Operation) bool {
		for status := range f.answered[op.ID] {
			if status < http.StatusMultipleChoices {
				return true
			}
		}
		return slices.Contains(unreached, op.ID)
	})
}
