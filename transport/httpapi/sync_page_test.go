package httpapi_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/transport/httpapi"
)

// Pages join to what one catch-up gives.
func TestSyncPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	group := ann.group("team", bob)
	w.flood(ann, parseID(t, group), 1_203, "short")
	w.flood(ann, parseID(t, group), 250, strings.Repeat("ä", 5_000)) // 10,000 bytes each
	head := w.log.Head()
	var got []string
	var sizes []int
	for since, more := domain.Position(0), true; more; {
		page := bob.sync(since)
		if page.Position <= since {
			t.Fatalf("it does not go on after %d", since)
		}
		got, sizes = append(got, page.frames()...), append(sizes, len(page.Items))
		since, more = page.Position, page.More
		if !more && since != head {
			t.Errorf("it ends at %d, want %d", since, head)
		}
	}
	if want := bob.missed(0, head); !slices.Equal(got, want) {
		t.Errorf("%d frames on pages, %d in all", len(got), len(want))
	}
	if sizes[0] != 500 || sizes[1] != 500 || len(sizes) < 5 || slices.Max(sizes[3:]) > 110 {
		t.Errorf("pages of %v", sizes)
	}
}

// script is pushes as a test writes them: so many frames at each position.
type script []int

func (s script) CatchUp(
	ctx context.Context, _ domain.ID, after, upTo domain.Position,
	emit func(domain.Position, domain.ID, []byte) error,
) error {
	for at := after + 1; at <= upTo; at++ {
		for i := range s[at-1] {
			if err := emit(at, domain.ID{}, fmt.Appendf(nil, `{"type":"f","position":%d,"i":%d}`, at, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// A page is never cut between the frames of one position.
func TestSyncCutsBetweenPositions(t *testing.T) {
	t.Parallel()
	s := script{3, 498, 2, 0, 700, 1, 499, 0, 1}
	w := newWorld(t, func(c *httpapi.Config) { c.Pushes = s })
	ann := w.person("Ann")
	for w.log.Head() < 9 {
		w.person("Bob")
	}
	for since, want := range map[domain.Position]synced{
		0: {Position: 1, More: true}, 1: {Position: 3, More: true}, 2: {Position: 3, More: true}, 3: {Position: 5, More: true},
		4: {Position: 5, More: true}, 5: {Position: 7, More: true}, 6: {Position: 9}, 7: {Position: 9}, 9: {Position: 9},
	} {
		page := ann.sync(since)
		items := 0
		for _, n := range s[since:want.Position] {
			items += n
		}
		if page.Position != want.Position || page.More != want.More || len(page.Items) != items {
			t.Errorf("since %d: %d items up to %d, more %v; want %d up to %d, more %v",
				since, len(page.Items), page.Position, page.More, items, want.Position, want.More)
		}
	}
}

// Counts of receipts that a client may have missed at the time of since come last, at the end of a page, however many pages follow.
type late struct{}

func (late) CatchUp(
	_ context.Context, _ domain.ID, after, upTo domain.Position, emit func(domain.Position, domain.ID, []byte) error,
) error {
	if err := script([]int{0, 400, 400, 0}).CatchUp(context.Background(), domain.ID{}, after, upTo, emit); err != nil || after > 0 {
		return err
	}
	return emit(upTo, domain.ID{}, fmt.Appendf(nil, `{"type":"late","position":%d}`, upTo))
}

func TestSyncLosesNoCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *httpapi.Config) { c.Pushes = late{} })
	ann := w.person("Ann")
	for w.log.Head() < 4 {
		w.person("Bob")
	}
	page := ann.sync(0)
	if last := page.Items[len(page.Items)-1]; !page.More || len(page.Items) != 401 || string(last) != `{"type":"late","position":2}` {
		t.Errorf("%d items, the last is %s", len(page.Items), last)
	}
}
