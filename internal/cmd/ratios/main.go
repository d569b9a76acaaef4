// Command ratios compares reports of chainmail bench, which it reads from its standard input. A line is a name, a tab and a
// report as JSON, and a name comes once a round:
//
//	printf '%s\t%s\n' "1 server" "$(chainmail bench --json)" … | go run ./internal/cmd/ratios
//
// It prints two tables in Markdown: the medians over the rounds, and the same as ratios to the name that comes first. A ratio is
// formed within its round, since what the machine does at a time varies more than what is compared.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "ratios:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	r, err := readRounds(in)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Medians of %d rounds:\n\n", r.n)
	r.print(out, r.medians)
	fmt.Fprintf(out, "\nRatios to %q, median (range):\n\n", r.names[0])
	r.print(out, r.ratios)
	return nil
}
