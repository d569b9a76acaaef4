// Command vectors prints, as JSON, what another implementation of the log's proofs is tested against:
//
//	go run ./internal/cmd/vectors > vectors.json
//
// It has every inclusion and consistency proof of small trees (RFC 6962 §2.1.1, §2.1.2), made by golang.org/x/mod/sumdb/tlog
// and found good by package merkle, and signed checkpoints (C2SP tlog-checkpoint), good and broken, with the verdict of
// package merkle. It prints the same each time.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// largest is the size up to which every proof of every tree is printed.
const largest = 70

// vectors are the whole output.
type vectors struct {
	Inclusion   []inclusion   `json:"inclusion"`
	Consistency []consistency `json:"consistency"`
	Notes       []signed      `json:"notes"`
}

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "vectors:", err)
		os.Exit(1)
	}
}

func run(to io.Writer) error {
	tree, err := grow(largest)
	if err != nil {
		return err
	}
	var v vectors
	if v.Inclusion, err = inclusions(tree); err != nil {
		return err
	}
	if v.Consistency, err = consistencies(tree); err != nil {
		return err
	}
	if v.Notes, err = checkpoints(tree); err != nil {
		return err
	}
	return json.NewEncoder(to).Encode(v)
}
