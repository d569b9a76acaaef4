package push_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/domain/wire/wiretest"
	"chainmail/projections/push"
)

// TestTagsSayWhatIsWritten holds the encoders against the tags, for the examples and for random values.
func TestTagsSayWhatIsWritten(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for _, d := range push.Frames() {
		for _, f := range d.Examples {
			wiretest.Check(t, d.Name, f)
			for range 300 {
				wiretest.Fill(random, f)
				wiretest.Check(t, d.Name, f)
			}
		}
	}
}

// TestEveryStatusIsListed holds the tag of a task's status against the statuses that a task can come to.
func TestEveryStatusIsListed(t *testing.T) {
	t.Parallel()
	field, _ := reflect.TypeFor[push.TaskStatusUpdate]().FieldByName("Status")
	got := strings.Split(field.Tag.Get("enum"), ",")
	want := []string{string(domain.TaskOpen)}
	for i := 0; i < len(want); i++ {
		for _, next := range domain.TaskStatus(want[i]).Next() {
			if !slices.Contains(want, string(next)) {
				want = append(want, string(next))
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
