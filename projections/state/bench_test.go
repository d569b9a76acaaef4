package state_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/projections/state"
)

// BenchmarkMessageSent applies messages of 100 bytes in 50 direct conversations. An iteration is a
// batch.
func BenchmarkMessageSent(b *testing.B) {
	content := strings.Repeat("x", 100)
	for _, size := range []int{20, 500} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			h, conversations := pairs(50)
			benchmark(b, size, h, func(i int) {
				c := conversations[i%len(conversations)]
				h.send(c.a, c.id, content, "")
			})
		})
	}
}

// BenchmarkMessageWithReceipts applies messages, each of which is delivered and read a while later.
func BenchmarkMessageWithReceipts(b *testing.B) {
	content := strings.Repeat("x", 100)
	for _, size := range []int{20, 500} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			h, conversations := pairs(50)
			benchmark(b, size, h, func(i int) {
				c := conversations[i/3%len(conversations)]
				switch i % 3 {
				case 0:
					h.send(c.a, c.id, content, "")
				case 1:
					h.deliver(c.b, h.messages[max(0, len(h.messages)-101)])
				default:
					h.read(c.b, h.messages[max(0, len(h.messages)-201)])
				}
			})
		})
	}
}

// BenchmarkReceiptsOfGroup applies what 1000 people acknowledge of the messages to their group.
func BenchmarkReceiptsOfGroup(b *testing.B) {
	h := newHistory()
	for range 1000 {
		h.register("Member", domain.RoleMember)
	}
	group := h.start("all", h.users[0], h.users[1:]...)
	var message domain.MessageRef
	benchmark(b, 500, h, func(i int) {
		reader := 1 + i%999
		if reader == 1 {
			message = h.send(h.users[0], group, "hear, hear", "")
		}
		h.deliver(h.users[reader], message)
	})
}

type couple struct{ a, b, id domain.ID }

func pairs(n int) (*history, []couple) {
	h := newHistory()
	var list []couple
	for range n {
		a, b := h.register("One", domain.RoleMember), h.register("Other", domain.RoleMember)
		list = append(list, couple{a, b, h.start("", a, b)})
	}
	return h, list
}

// settings are those of the runner's transactions.
const settings = `
	SELECT set_config('synchronous_commit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true),
		set_config('enable_seqscan', 'off', true)`

func benchmark(b *testing.B, size int, h *history, next func(i int)) {
	setup := len(h.events)
	db := open(b)
	ctx := context.Background()
	mustApply(b, db, h.events)
	for i := 0; len(h.events)-setup < b.N*size; i++ {
		next(i)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	prepared, err := state.Projection().Prepare(ctx, db)
	if err != nil {
		b.Fatal(err)
	}
	defer prepared.Close()
	before := measure(b, conn)
	b.ResetTimer()
	for rest := h.events[setup:]; len(rest) > 0; rest = rest[min(size, len(rest)):] {
		tx, err := conn.BeginTx(ctx, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tx.ExecContext(ctx, settings); err != nil {
			b.Fatal(err)
		}
		if err := prepared.Apply(ctx, tx, rest[:min(size, len(rest))]); err != nil {
			b.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	after := measure(b, conn)
	events := float64(len(h.events) - setup)
	b.ReportMetric(float64((after.client-before.client).Microseconds())/events, "client-us/event")
	b.ReportMetric(float64((after.server-before.server).Microseconds())/events, "server-us/event")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/events, "us/event")
	b.ReportMetric(0, "ns/op")
}
