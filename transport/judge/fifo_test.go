package judge

import (
	"slices"
	"testing"
	"testing/synctest"

	"chainmail/domain"
)

// Of one sender's questions the first goes first, no other sender waits for them, and in the end nothing is left of him.
func TestTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var all turns
		one, other := domain.ID{15: 1}, domain.ID{15: 2}
		take := func(sender domain.ID) (done func()) {
			done, err := all.take(t.Context(), sender)
			if err != nil {
				t.Error(err)
			}
			return done
		}
		var under []func()
		for range perSender {
			under = append(under, take(one))
		}
		var order []int
		const waiting = 5
		for i := range waiting {
			go func() {
				done := take(one)
				order = append(order, i) // one at a time: the other places stay taken
				done()
			}()
			synctest.Wait() // until it waits
		}
		take(other)()
		if len(order) != 0 || len(all.senders) != 1 || all.senders[one].users != perSender+waiting {
			t.Errorf("got %v, %+v", order, all.senders)
		}
		under[0]()
		synctest.Wait()
		if want := []int{0, 1, 2, 3, 4}; !slices.Equal(order, want) {
			t.Errorf("order: got %v, want %v", order, want)
		}
		for _, done := range under[1:] {
			done()
		}
		if len(all.senders) != 0 {
			t.Errorf("left: %+v", all.senders)
		}
	})
}
