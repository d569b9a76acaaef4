package ws_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/transport/cluster"
	"chainmail/transport/limit"
	"chainmail/transport/ws"
	"chainmail/transport/ws/wstest"
)

// clientVariable makes the test binary a process of idle clients: address, count, then a token a line.
const clientVariable = "WS_TEST_IDLE_CLIENTS"

// BenchmarkIdleConnection reports what an idle connection costs the server in memory. The clients
// live in a process of their own.
func BenchmarkIdleConnection(b *testing.B) {
	const users, each = 250, 20
	s := wstest.Start(b, wstest.Options{})
	tokens := make([]string, users)
	for i, id := range s.Users(users) {
		tokens[i] = s.Token(id, time.Hour)
	}
	for b.Loop() {
		before := memory()
		stop := idleClients(b, s.Address, tokens, each)
		s.Eventually("all are there", func() bool { return s.WS.Connections() == users*each })
		loose := resident() // with the garbage of connecting
		after := memory()
		const connections = users * each
		b.ReportMetric(float64(after.rss-before.rss)/connections, "RSS-B/conn")
		b.ReportMetric(float64(loose-before.rss)/connections, "RSS-B/conn-before-GC")
		b.ReportMetric(float64(after.heap-before.heap)/connections, "heap-B/conn")
		b.ReportMetric(float64(after.stack-before.stack)/connections, "stack-B/conn")
		stop()
		s.Eventually("all are gone", func() bool { return s.WS.Connections() == 0 })
	}
}

type usage struct{ rss, heap, stack int64 }

func memory() usage {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{resident(), int64(m.HeapInuse), int64(m.StackInuse)}
}

// resident is the process's resident memory, 0 where there is no /proc.
func resident() int64 {
	var total, pages int64
	statm, _ := os.ReadFile("/proc/self/statm")
	_, _ = fmt.Sscan(string(statm), &total, &pages)
	return pages * int64(os.Getpagesize())
}

func idleClients(b *testing.B, address string, tokens []string, each int) (stop func()) {
	command := exec.Command(os.Args[0], "-test.run=^TestIdleClients$")
	command.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d", clientVariable, address, each))
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	if _, err := io.WriteString(in, strings.Join(tokens, "\n")+"\n\n"); err != nil {
		b.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		b.Fatalf("clients: %q, %v", line, err)
	}
	return func() {
		_ = in.Close()
		_ = command.Wait()
	}
}

// TestIdleClients is the client process of BenchmarkIdleConnection, and else does nothing.
func TestIdleClients(t *testing.T) {
	var address string
	var each int
	if n, _ := fmt.Sscan(os.Getenv(clientVariable), &address, &each); n != 2 {
		return
	}
	in := bufio.NewScanner(os.Stdin)
	var open []net.Conn
	for in.Scan() && in.Text() != "" {
		for range each {
			open = append(open, shakeHands(t, address, in.Text()))
		}
	}
	fmt.Println("all connected")
	for _, c := range open {
		go func() { _, _ = io.Copy(io.Discard, c) }()
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	for _, c := range open {
		_ = c.Close()
	}
}

// shakeHands connects and waits for synced.
func shakeHands(t *testing.T, address, token string) net.Conn {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := http.NewRequest(http.MethodGet, "http://"+address+"/ws?token="+token, nil)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
	if err := r.Write(conn); err != nil {
		t.Fatal(err)
	}
	seen, room := "", make([]byte, 1024)
	for !strings.Contains(seen, `"synced"`) {
		n, err := conn.Read(room)
		if err != nil {
			t.Fatalf("after %q: %v", seen, err)
		}
		seen += string(room[:n])
	}
	return conn
}

// BenchmarkFanOut pushes one message to 1,000 connections and waits until the sockets have it.
// cpu-ns is the server's alone: the clients read in a process of their own.
func BenchmarkFanOut(b *testing.B) {
	const members = 1_000
	s := wstest.Start(b, wstest.Options{})
	users, tokens := s.Users(members), make([]string, members)
	for i, user := range users {
		tokens[i] = s.Token(user, time.Hour)
	}
	defer idleClients(b, s.Address, tokens, 1)()
	frame := []byte(`{"type":"chat_message","content":"` + strings.Repeat("x", 350) + `"}`)
	at := s.Log.Head() + 1
	sent := s.WS.Counters().FramesOut
	b.ReportAllocs()
	before := processorTime()
	for b.Loop() {
		at++
		s.WS.Push(users, at, domain.ID{}, frame)
		s.WS.Advance(at)
		sent += members
		for s.WS.Counters().FramesOut < sent {
			time.Sleep(100 * time.Microsecond)
		}
	}
	deliveries := float64(b.N) * members
	b.ReportMetric(float64(b.Elapsed())/deliveries, "ns/delivery")
	b.ReportMetric(float64(processorTime()-before)/deliveries, "cpu-ns/delivery")
}

func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSend sends messages between 50 pairs, 16 under way each, and waits for the answers.
// The figures are of server and clients together, without PostgreSQL. The server counts and would tell others, but hears none.
func BenchmarkSend(b *testing.B) {
	const pairs, window = 50, 16
	node := cluster.NewNode(nil, wstest.ID(), cluster.Settings{})
	s := wstest.Start(b, wstest.Options{Configure: func(config *ws.Config) {
		config.RateLimit, config.Others = 1<<30, node
	}})
	s.WS.Share(limit.NewExchange(node, time.Now))
	users := s.Users(2 * pairs)
	var senders []*wstest.Client
	for i := range pairs {
		senders = append(senders, s.Connect(users[i]))
		c := s.Connect(users[pairs+i])
		go func() { _, _ = io.Copy(io.Discard, c.Conn.NetConn()) }()
	}
	b.ReportAllocs()
	before := processorTime()
	b.ResetTimer()
	var group sync.WaitGroup
	for i, c := range senders {
		text := fmt.Sprintf(`{"type":"chat_message","receiver_id":"%s","content":"%s"}`, users[pairs+i], strings.Repeat("x", 100))
		group.Go(func() {
			for n := range b.N/pairs + window {
				if n < b.N/pairs {
					c.SendText(text)
				}
				if n >= window {
					awaitAnswer(b, c)
				}
			}
		})
	}
	group.Wait()
	b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op")
}

func awaitAnswer(b *testing.B, c *wstest.Client) {
	for {
		_, data, err := c.Conn.ReadMessage()
		if err != nil {
			b.Error(err)
			return
		}
		if bytes.HasPrefix(data, []byte(`{"type":"message_sent"`)) {
			return
		}
	}
}
