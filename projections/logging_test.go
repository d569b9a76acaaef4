package projections

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// What Watermill cannot finish since Run is told to end is nothing to warn of.
func TestQuietAtTheEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"the end":   {fmt.Errorf("commit: %w", context.Canceled), "level=DEBUG"},
		"a failure": {errors.New("the connection is gone"), "level=WARN"},
	} {
		var said bytes.Buffer
		q := quiet{slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))}
		q.Error("could not commit", test.err, nil)
		if !strings.Contains(said.String(), test.want) {
			t.Errorf("%s: said %s, want %s", name, said.String(), test.want)
		}
	}
}
