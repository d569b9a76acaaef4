package train_test

import (
	"bytes"
	"flag"
	"os"
	"runtime"
	"testing"

	"chainmail/guard/train"
)

var (
	full   = flag.Bool("full", false, "train on all data: about half a minute of one core")
	update = flag.Bool("update", false, "with -full: write the shipped model")
	unseen = flag.Bool("unseen", false, "with -full: measure on each source in turn, training on the others")
)

const shippedModel = "../model.txt"

// TestShippedModel trains as the shipped model was trained and wants the same bytes. Its log has the tables of docs/guard.md.
func TestShippedModel(t *testing.T) {
	if !*full {
		t.Skip("needs half a minute: go test ./guard/train -run TestShippedModel -v -full")
	}
	messages, err := train.Data()
	if err != nil {
		t.Fatal(err)
	}
	model, report, err := train.Train(messages)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("cross-validated: %s", report.Markdown())
	if *unseen {
		report, err := train.Unseen(messages)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("unseen sources: %s", report.Markdown())
	}
	if *update {
		if err := os.WriteFile(shippedModel, model, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	shipped, err := os.ReadFile(shippedModel)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(model, shipped) && runtime.GOARCH == "amd64" { // math.Exp differs in the last bit elsewhere
		t.Errorf("training gives another model than the shipped one (%d and %d bytes): write it anew with -update", len(model), len(shipped))
	}
}
