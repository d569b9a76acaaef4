package judge_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/guard/llm"
	"chainmail/transport/judge"
	"chainmail/transport/judge/judgetest"
)

// settled is what came of a case.
type settled struct {
	domain.Verdict
	err error
}

// settle settles in the background.
func settle(ctx context.Context, j *judge.Judge, sender domain.ID, text string) <-chan settled {
	c := j.Look(sender, text)
	came := make(chan settled, 1)
	go func() {
		v, err := c.Settle(ctx)
		came <- settled{v, err}
	}()
	return came
}

// held is a judge whose model keeps what has "mine" in it waiting until it is released, and answers the rest.
func held(t *testing.T) (j *judge.Judge, m *judgetest.Model, asked <-chan string, release func()) {
	t.Helper()
	texts, released := make(chan string, 100), make(chan struct{})
	m = judgetest.Start(t, func(q judgetest.Question) judgetest.Answer {
		if !strings.Contains(q.Text, "mine") {
			return judgetest.Says(llm.Scam, 1)
		}
		texts <- q.Text
		return judgetest.After(released, judgetest.Says(llm.Scam, 1))
	})
	client, err := llm.New(llm.Settings{URL: m.URL, Model: judgetest.Name, Key: judgetest.Key, Timeout: llm.DefaultTimeout * 5})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	j = judgetest.Judge(t)
	j.Model = client
	return j, m, texts, func() { close(released) }
}

// Who writes much at once waits for himself: another one's message is judged by the model while the flood has its places. In the end all of the flood is
// judged by the model too.
func TestAFloodTakesNobodysPlace(t *testing.T) {
	t.Parallel()
	j, m, asked, release := held(t)
	flood := make([]<-chan settled, 5*llm.DefaultConcurrent)
	for i := range flood {
		flood[i] = settle(t.Context(), j, member, fmt.Sprintf("mine: %d, a %s", i, judgetest.Doubtful))
	}
	for range 2 {
		<-asked
	}
	other := domain.ID{15: 2}
	if v := verdictOn(t, j, other, "theirs: a "+judgetest.Doubtful); v.Model == nil || v.Model.Failure != nil || !v.Blocked {
		t.Errorf("another one's: got %+v", v)
	}
	if got := m.Texts(); len(got) != 3 {
		t.Errorf("asked about %q, want two of the flood and the other", got)
	}
	release()
	for i, came := range flood {
		if v := <-came; v.err != nil || !v.Blocked || v.Model == nil || v.Model.Failure != nil {
			t.Errorf("number %d: got %+v", i, v)
		}
	}
	if got := j.Counts().Blocked; got != int64(len(flood))+1 {
		t.Errorf("blocked: got %d, want %d", got, len(flood)+1)
	}
}

// Who leaves while he waits for his turn has no verdict, and who leaves while the model is asked has the same as if he had stayed. A judge that is closed
// lets nobody wait, and still judges what needs no model.
func TestLeavingAndClosing(t *testing.T) {
	t.Parallel()
	j, m, asked, release := held(t)
	ctx, leave := context.WithCancel(t.Context())
	var asking []<-chan settled
	for i := range 2 {
		asking = append(asking, settle(ctx, j, member, fmt.Sprintf("mine: %d, a %s", i, judgetest.Doubtful)))
		<-asked
	}
	leaving := settle(ctx, j, member, "leaves: a "+judgetest.Doubtful)
	staying := settle(t.Context(), j, member, "stays: a "+judgetest.Doubtful)
	leave()
	if got := <-leaving; !errors.Is(got.err, context.Canceled) {
		t.Errorf("who leaves: got %+v", got)
	}
	for range 2 { // the second does nothing
		j.Close()
	}
	late := settle(t.Context(), j, domain.ID{15: 2}, "comes late: a "+judgetest.Doubtful)
	for name, came := range map[string]<-chan settled{"who stays": staying, "who comes late": late} {
		if got := <-came; !errors.Is(got.err, context.Canceled) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if v := verdictOn(t, j, member, judgetest.Scam); !v.Blocked {
		t.Errorf("what needs no model: got %+v", v)
	}
	release()
	for _, came := range asking {
		if v := <-came; v.err != nil || !v.Blocked {
			t.Errorf("who was asked about: got %+v", v)
		}
	}
	if got := j.Counts(); got != (judge.Counts{Blocked: 3}) {
		t.Errorf("counts: got %+v", got)
	}
	if got := m.Texts(); slices.ContainsFunc(got, func(text string) bool { return !strings.HasPrefix(text, "mine") }) {
		t.Errorf("asked about %q", got)
	}
}
