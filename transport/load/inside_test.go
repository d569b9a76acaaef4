package load

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPercentiles(t *testing.T) {
	t.Parallel()
	samples := make([]int64, 1000) // 1 to 1000 ms
	for i := range samples {
		samples[i] = int64(i+1) * int64(time.Millisecond)
	}
	rand.Shuffle(len(samples), func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
	r := newRecorder(len(samples), 10)
	for i := range samples {
		r.worst[i].Store(samples[i])
	}
	if got, want := r.percentiles(), (Percentiles{P50: 500, P99: 990, P999: 999, Max: 1000}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := percentiles([]int64{3e6}), (Percentiles{3, 3, 3, 3}); got != want {
		t.Errorf("one sample: got %+v, want %+v", got, want)
	}
	if got := percentiles(nil); got != (Percentiles{}) {
		t.Errorf("no sample: got %+v", got)
	}
}

// A message's latency is that of its last receiver, from the moment at which it was due.
func TestRecorder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder(2, 10)
		r.start = time.Now()
		time.Sleep(300 * time.Millisecond)
		r.record(0)
		r.record(1)
		time.Sleep(300 * time.Millisecond)
		r.record(1)
		r.record(7) // of somebody else
		first, second := time.Duration(r.worst[0].Load()), time.Duration(r.worst[1].Load())
		if first != 300*time.Millisecond || second != 500*time.Millisecond || r.received.Load() != 3 {
			t.Errorf("got %s, %s, %d receipts", first, second, r.received.Load())
		}
		r.start = r.start.Add(100 * time.Millisecond)
		r.record(1) // a receiver who was quicker than the last
		if got := time.Duration(r.worst[1].Load()); got != second {
			t.Errorf("%s became %s", second, got)
		}
	})
}

func TestContent(t *testing.T) {
	t.Parallel()
	for _, n := range []uint32{0, 1, 15, 16, 123_456_789, 1<<32 - 1} {
		for _, size := range []int{minSize, 100, 112, 113, maxSize} {
			content := code(n) + padding(size)
			got, ours := decode([]byte(content))
			if got != n || !ours || len(content) != size || strings.TrimSpace(content) != content {
				t.Errorf("%d in %d bytes: got %d, %t, %d bytes", n, size, got, ours, len(content))
			}
		}
	}
	for _, foreign := range []string{"", "short", "Hello there", "aaaaaaaz"} {
		if _, ours := decode([]byte(foreign)); ours {
			t.Errorf("%q is taken for ours", foreign)
		}
	}
}

func TestScan(t *testing.T) {
	t.Parallel()
	frame := []byte(`{"type":"chat_message","message_id":"m1","content_hash":"no","content":"say \"content\":\"x","salt":null}`)
	if got := frameType(frame); got != "chat_message" {
		t.Errorf("type %q", got)
	}
	if got := text(frame, messageIDField); string(got) != "m1" {
		t.Errorf("message_id %q", got)
	}
	if got := text(frame, contentField); !strings.HasPrefix(string(got), "say ") {
		t.Errorf("content %q", got)
	}
	for in, want := range map[string]string{
		`{"message_id":"m","type":"message_sent"}`: "message_sent",
		` {"type" : "pong"}`:                       "pong",
		`{"type":"x`:                               "",
		`[]`:                                       "",
	} {
		if got := frameType([]byte(in)); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
	if got := text([]byte(`{"message_id":"cut`), messageIDField); got != nil {
		t.Errorf("got %q from half a frame", got)
	}
}

func TestPlace(t *testing.T) {
	t.Parallel()
	for servers := 1; servers <= 5; servers++ {
		senders, all := make([]int, servers), make([]int, servers)
		for pair := range 4 * servers {
			a, b := place(2*pair, servers), place(2*pair+1, servers)
			if a == b && servers > 1 {
				t.Errorf("%d servers: pair %d is at one", servers, pair)
			}
			senders[a]++
			all[a]++
			all[b]++
		}
		for server := range servers {
			if senders[server] != 4 || all[server] != 8 {
				t.Errorf("%d servers: %d senders and %d accounts at one, want 4 and 8", servers, senders[server], all[server])
			}
		}
	}
}

func TestParseStat(t *testing.T) {
	t.Parallel()
	const line = "42 (post) gres) S 7 42 42 0 -1 4194560 1 2 3 4 150 50 30 20 20 0 1 0 100 1 1"
	got, err := parseStat([]byte(line))
	want := process{parent: 7, name: "post) gres", cpu: 2 * time.Second, children: 500 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, bad := range []string{"", "42 post", "42 (a) S 7", strings.Replace(line, "150", "x", 1), strings.Replace(line, "S 7", "S x", 1)} {
		if _, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}

func TestListening(t *testing.T) {
	t.Parallel()
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1111 1 0
   1: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2222 1 0
   2: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 3333 1 0
`
	if got := listening([]byte(table), 8080); !slices.Equal(got, []string{"1111"}) {
		t.Errorf("got %q", got)
	}
	for _, elsewhere := range []string{"http://192.0.2.1:80", "http://127.0.0.1", "http://127.0.0.1:1"} {
		if pid, err := listener(elsewhere); err == nil {
			t.Errorf("%s: got process %d", elsewhere, pid)
		}
	}
}

func TestParseMetrics(t *testing.T) {
	t.Parallel()
	const text = "# HELP process_cpu_seconds_total CPU.\nprocess_cpu_seconds_total 1.5\nother 2\nprocess_resident_memory_bytes 2.048e+06\n"
	got, err := parseMetrics(strings.NewReader(text))
	if want := (usage{1500 * time.Millisecond, 2_048_000}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, bad := range []string{"", "process_cpu_seconds_total 1.5\n", strings.Replace(text, "1.5", "much", 1)} {
		if _, err := parseMetrics(strings.NewReader(bad)); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	at := time.Now()
	second, wal, more := time.Second, int64(100), int64(2100)
	none := time.Duration(0)
	before := reading{at: at, server: &none, redis: &none, self: 0, wal: &wal}
	after := reading{at: at.Add(4 * time.Second), server: &second, postgres: &second, redis: &second, self: second, wal: &more}
	got := before.cost(after, 2000, 10)
	if *got.Server != 0.5 || *got.Redis != 0.5 || got.Postgres != nil || got.Generator != 0.5 || got.Share != 0.25 || *got.WALBytes != 200 || got.Writes != nil {
		t.Errorf("got %+v", got)
	}
}
