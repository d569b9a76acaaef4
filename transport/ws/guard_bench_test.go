package ws_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/guard"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
	"chainmail/projections/state"
	"chainmail/transport/judge"
	"chainmail/transport/ws/wstest"
)

// chatter is what people say to each other: between 2 and 300 bytes, 80 in the middle.
var chatter = []string{
	"hi", "ok, see you then", "where are you?", "I'll be ten minutes late, the tram is stuck again",
	"Can you send me the slides from this morning? I'd like to add the numbers for October.",
	"haha no way :D", "The build is green again. It was the timezone of the new machine after all.",
	"Thanks for yesterday, it was lovely. The kids still talk about the dog.",
	"We pay the invoice on the 15th, as agreed; the address is the same as last time.",
	"Did you read the article about the bridge? https://example.org/news/2026/bridge I wonder what it will cost.",
	"Lunch at 12:30? Anna and Tom come too.",
	"I moved the old wallet to the new phone today and it was easier than I thought; the words are in the safe, where nobody finds them.",
	"Guten Morgen! Kommst du heute Abend zum Training, oder bist du noch krank?",
	"No, the second one. The first has the wrong colour and is 20 € more.",
	"So here is how I would do it: first we write down what each of us needs, then we look for what is the same, and only then we talk about money. If it does not work out we still have the plan from March. Tell me what you think, I am at home all evening.",
	"+1", "Happy birthday!!! 🎉🎂", "what's the wifi password?",
	"The exam is on Thursday at nine in room 204. Bring a pencil and your student card.",
	"I sent you 0.02 ETH for the tickets, did it arrive?",
}

// plain are a hundred bytes in which no rule has anything to look at.
var plain = []string{"thanks for the draft, the second part reads well now and we can talk about the rest of it tomorrow, ok?"}

// BenchmarkGuard sends the same messages by turns with and without a guard (rules and classifier of the program, no language
// model), and reports what part of the processor time of a send it takes: of this server, which pushes each message to a receiver and writes
// the state tables, and of PostgreSQL. An iteration is one turn of each; clients are a process of their own.
func BenchmarkGuard(b *testing.B) {
	b.Run("plain", func(b *testing.B) { benchmarkGuard(b, plain) })
	b.Run("chatter", func(b *testing.B) { benchmarkGuard(b, chatter) })
}

func benchmarkGuard(b *testing.B, texts []string) {
	const pairs, each = 20, 100
	s := wstest.Start(b, wstest.Options{})
	settle := project(b, s)
	policy, err := guard.ParsePolicy(guard.Shipped())
	if err != nil {
		b.Fatal(err)
	}
	g, err := guard.New(policy, guard.ShippedClassifier())
	if err != nil {
		b.Fatal(err)
	}
	judging := &judge.Judge{Guard: func() *guard.Guard { return g }}
	turn := startSenders(b, s, pairs, each, texts)
	turn() // opens the conversations
	measure := func(j *judge.Judge) time.Duration {
		s.Commands.UseJudge(j) // nothing is under way
		settle()
		before := processorTime() + databaseTime(b, s)
		turn()
		settle()
		return processorTime() + databaseTime(b, s) - before
	}
	var with, without, shares []float64
	for i := 0; b.Loop(); i++ {
		var on, off time.Duration
		if i%2 == 0 {
			off, on = measure(nil), measure(judging)
		} else {
			on, off = measure(judging), measure(nil)
		}
		with, without = append(with, float64(on)), append(without, float64(off))
		shares = append(shares, 100*float64(on-off)/float64(on))
	}
	if counts := judging.Counts(); counts.Blocked > 0 || counts.Sent == 0 {
		b.Errorf("counts: got %+v, want all sent", counts)
	}
	b.ReportMetric(middle(without)/pairs/each, "cpu-ns/send-without")
	b.ReportMetric(middle(with)/pairs/each, "cpu-ns/send-with")
	b.ReportMetric(middle(shares), "%-of-send")
}

// project runs the projection of the state tables. settle returns when it has everything, and all was pushed.
func project(b *testing.B, s *wstest.Server) (settle func()) {
	b.Helper()
	runner := projections.New(s.Log, projections.Settings{}, slog.New(slog.DiscardHandler), state.Projection())
	running, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- runner.Run(running) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.Errorf("run the projection: %v", err)
		}
	})
	return func() {
		s.Settle()
		if err := runner.Wait(b.Context(), "messages", s.Log.Head()); err != nil {
			b.Fatal(err)
		}
	}
}

func middle(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// databaseTime is the processor time of the connections to the server's database.
func databaseTime(b *testing.B, s *wstest.Server) (total time.Duration) {
	b.Helper()
	rows, err := s.Log.DB().QueryContext(b.Context(), `
		SELECT pid
		FROM pg_stat_activity
		WHERE datname = current_database()`)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			b.Fatal(err)
		}
		total += pgtest.ProcessTime(pid)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return total
}

// sendersVariable makes the test binary a process of senders and receivers: address, messages of each sender in a turn, and how many
// texts there are. On standard input come a text a line, then a token of a sender, his receiver and the receiver's token a line,
// an empty line, then a line a turn, which is answered by one.
const sendersVariable = "WS_TEST_SENDERS"

// startSenders starts the process. Each call of turn sends once more and returns when all is answered.
func startSenders(b *testing.B, s *wstest.Server, pairs, each int, texts []string) (turn func()) {
	b.Helper()
	command := exec.Command(os.Args[0], "-test.run=^TestSenders$")
	command.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d", sendersVariable, s.Address, each, len(texts)))
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
	b.Cleanup(func() {
		_ = in.Close()
		_ = command.Wait()
	})
	users, lines := s.Users(2*pairs), bufio.NewReader(out)
	say := func(text string) {
		if _, err := io.WriteString(in, text+"\n"); err != nil {
			b.Fatal(err)
		}
	}
	for _, text := range texts {
		say(text)
	}
	for i := range pairs {
		to := users[pairs+i]
		say(s.Token(users[i], time.Hour) + " " + to.String() + " " + s.Token(to, time.Hour))
	}
	say("")
	return func() {
		say("go")
		if line, err := lines.ReadString('\n'); err != nil || line != "done\n" {
			b.Fatalf("senders: %q, %v", line, err)
		}
	}
}

// TestSenders is the client process of BenchmarkGuard, and else does nothing.
func TestSenders(t *testing.T) {
	var address string
	var each, count int
	if n, _ := fmt.Sscan(os.Getenv(sendersVariable), &address, &each, &count); n != 3 {
		return
	}
	in := bufio.NewScanner(os.Stdin)
	texts := make([]string, count)
	for i := range texts {
		in.Scan()
		texts[i] = in.Text()
	}
	var senders []func()
	var open []io.Closer
	var reading sync.WaitGroup
	for in.Scan() && in.Text() != "" {
		fields := strings.Fields(in.Text())
		receiver := shakeHands(t, address, fields[2])
		reading.Go(func() { _, _ = io.Copy(io.Discard, receiver) })
		conn, _, err := websocket.DefaultDialer.Dial("ws://"+address+"/ws?token="+fields[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		senders = append(senders, func() { sendTexts(t, conn, fields[1], texts, each) })
		open = append(open, receiver, conn)
	}
	for in.Scan() {
		var group sync.WaitGroup
		for _, send := range senders {
			group.Go(send)
		}
		group.Wait()
		fmt.Println("done")
	}
	for _, c := range open {
		_ = c.Close()
	}
	reading.Wait()
}

// sendTexts sends messages, some of them under way at once, and waits for their answers.
func sendTexts(t *testing.T, conn *websocket.Conn, to string, texts []string, count int) {
	const window = 8
	for n := range count + window {
		if n < count {
			frame := fmt.Sprintf(`{"type":"chat_message","receiver_id":"%s","content":"%s"}`, to, texts[n%len(texts)])
			if err := conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
				t.Fatal(err)
			}
		}
		for answered := n < window; !answered; {
			_, data, err := conn.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			answered = bytes.HasPrefix(data, []byte(`{"type":"message_sent"`)) || bytes.HasPrefix(data, []byte(`{"type":"warning"`))
		}
	}
}
