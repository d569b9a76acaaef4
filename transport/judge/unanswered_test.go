package judge_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"chainmail/domain"
	"chainmail/guard/llm"
	"chainmail/transport/judge/judgetest"
)

// An operator is told once a minute that the model gives no answer, however many texts want one, and why.
func TestUnansweredIsToldOnceAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := judgetest.Judge(t)
		client, err := llm.New(llm.Settings{URL: "http://model.test/v1", Model: judgetest.Name})
		if err != nil {
			t.Fatal(err)
		}
		client.Close() // so that it fails at once
		j.Model = client
		var told atomic.Int64
		j.Unanswered = func(err error) {
			told.Add(1)
			if known := new(llm.Error); !errors.As(err, &known) || known.Failure != llm.Unavailable {
				t.Errorf("told of %v", err)
			}
		}
		fail := func(want int64) {
			t.Helper()
			var all sync.WaitGroup
			for i := range 100 {
				all.Go(func() { verdictOn(t, j, domain.ID{15: byte(i)}, fmt.Sprintf("%d: a %s", i, judgetest.Doubtful)) })
			}
			all.Wait()
			if got := told.Load(); got != want {
				t.Errorf("told %d times, want %d", got, want)
			}
		}
		fail(1)
		time.Sleep(time.Minute - time.Nanosecond)
		fail(1)
		time.Sleep(time.Nanosecond)
		fail(2)
		verdictOn(t, j, member, "hello") // it needs no model
		if got := told.Load(); got != 2 {
			t.Errorf("told %d times, want 2", got)
		}
	})
}
