package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestDescriptions(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"asyncapi", "openapi"} {
		var first, second bytes.Buffer
		for _, to := range []*bytes.Buffer{&first, &second} {
			if err := run([]string{name}, to); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: two runs differ", name)
		}
		var document map[string]any
		if err := json.Unmarshal(first.Bytes(), &document); err != nil || document[name] == nil {
			t.Errorf("%s: version %v, %v", name, document[name], err)
		}
	}
	for _, args := range [][]string{nil, {"soap"}, {"openapi", "asyncapi"}} {
		var printed bytes.Buffer
		if err := run(args, &printed); err == nil || printed.Len() > 0 {
			t.Errorf("%q: error %v, and %d bytes", args, err, printed.Len())
		}
	}
}
