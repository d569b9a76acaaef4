package fault_test

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"chainmail/cmd/chaos/fault"
)

func TestClockJumps(t *testing.T) {
	t.Parallel()
	clock, err := fault.NewClock(t.TempDir())
	if err != nil {
		t.Skipf("no clock can be built here: %v", err)
	}
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour, -1500 * time.Millisecond} {
		if err := clock.Set(ahead); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("date", "+%s")
		cmd.Env = append(cmd.Environ(), clock.Env()...)
		output, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		seconds, err := strconv.ParseInt(strings.TrimSpace(string(output)), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		got := time.Until(time.Unix(seconds, 0))
		if off := (got - ahead).Abs(); off > time.Minute { // the machine may be busy
			t.Errorf("%s ahead: date says %s", ahead, got)
		}
	}
}
