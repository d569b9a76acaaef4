// Command scale prints the simulated tables of docs/scale.md, in half a minute:
//
//	go run ./internal/cmd/scale
//
// The costs that it starts from are flags. Their defaults were measured (tools/scale.sh and README, "Numbers").
package main

import (
	"flag"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"chainmail/internal/scale"
)

// million is the number of conversations that loads are spread over.
const million = 1_000_000

func main() {
	var c scale.Costs
	flag.DurationVar(&c.Commit, "commit", 300*time.Microsecond, "processor time of a commit")
	flag.DurationVar(&c.Event, "event", 14*time.Microsecond, "processor time of an event under its partition's lock")
	flag.DurationVar(&c.Sync, "sync", 200*time.Microsecond, "time that a commit holds the lock without a processor")
	flag.DurationVar(&c.After, "after", 22*time.Microsecond, "processor time of an event after its commit")
	flag.Parse()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	hold(w, c)
	ceilings(w, c)
	fmt.Fprint(w, "\nArrival to commit, Zipf 1, p50 / p99 ms (events a commit):\n")
	latencies(w, c, scale.Load{Conversations: million, Skew: 1})
	fmt.Fprint(w, "\nThe same, one conversation has 30%:\n")
	latencies(w, c, scale.Load{Conversations: million, Hot: 0.3})
	if err := proofs(w); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
	catchingUp(w)
}

func hold(w *tabwriter.Writer, c scale.Costs) {
	fmt.Fprint(w, "One log:\nevents a commit\tlock held ms\tevents/s at most\tof PostgreSQL's cores then\t\n")
	for _, n := range []int{1, 10, 100, 500} {
		held := c.Commit + c.Sync + time.Duration(n)*c.Event
		rate := float64(n) / held.Seconds()
		cores := rate * (c.Event + c.After + c.Commit/time.Duration(n)).Seconds()
		fmt.Fprintf(w, "%d\t%.2f\t%.0f\t%.1f\t\n", n, held.Seconds()*1000, rate, cores)
	}
}

func ceilings(w *tabwriter.Writer, c scale.Costs) {
	fmt.Fprint(w, "\nThousand events/s at most:\npartitions\tnodes\tcores each\teven\tZipf 1\tone conversation has 10%\tit has 30%\t\n")
	for _, l := range []scale.Layout{
		{Partitions: 1, Nodes: 1, Cores: 2}, {Partitions: 1, Nodes: 1, Cores: 4}, {Partitions: 1, Nodes: 1, Cores: 16},
		{Partitions: 2, Nodes: 1, Cores: 4}, {Partitions: 4, Nodes: 1, Cores: 4},
		{Partitions: 4, Nodes: 1, Cores: 16}, {Partitions: 16, Nodes: 1, Cores: 16},
		{Partitions: 4, Nodes: 4, Cores: 4}, {Partitions: 16, Nodes: 4, Cores: 4}, {Partitions: 64, Nodes: 4, Cores: 4},
	} {
		fmt.Fprintf(w, "%d\t%d\t%d\t", l.Partitions, l.Nodes, l.Cores)
		for _, load := range []scale.Load{
			{Conversations: million}, {Conversations: million, Skew: 1},
			{Conversations: million, Hot: 0.1}, {Conversations: million, Hot: 0.3},
		} {
			fmt.Fprintf(w, "%.0f\t", scale.Ceiling(c, l, load)/1000)
		}
		fmt.Fprintln(w)
	}
}

func latencies(w *tabwriter.Writer, c scale.Costs, load scale.Load) {
	fmt.Fprint(w, "partitions\tnodes of 4 cores\t")
	rates := []float64{1_000, 20_000, 50_000, 90_000, 300_000}
	for _, rate := range rates {
		fmt.Fprintf(w, "%.0f/s\t", rate)
	}
	fmt.Fprintln(w)
	for _, l := range []scale.Layout{
		{Partitions: 1, Nodes: 1, Cores: 4}, {Partitions: 4, Nodes: 1, Cores: 4}, {Partitions: 16, Nodes: 1, Cores: 4},
		{Partitions: 64, Nodes: 1, Cores: 4}, {Partitions: 16, Nodes: 4, Cores: 4}, {Partitions: 64, Nodes: 4, Cores: 4},
	} {
		fmt.Fprintf(w, "%d\t%d\t", l.Partitions, l.Nodes)
		for _, rate := range rates {
			load.Rate = rate
			o := scale.Run(c, l, load, 2)
			if o.Behind > 0.03 {
				fmt.Fprint(w, "falls behind\t")
				continue
			}
			fmt.Fprintf(w, "%.1f / %.1f (%.0f)\t", o.P50.Seconds()*1000, o.P99.Seconds()*1000, o.Batch)
		}
		fmt.Fprintln(w)
	}
}

func proofs(w *tabwriter.Writer) error {
	fmt.Fprint(w, "\nHashes in a proof, a seal for 1,024 events:\nevents\tpartitions\tinclusion, one tree\ttwo trees\tconsistency, one tree\ttwo trees\t\n")
	for _, events := range []int64{1e9, 1e10, 1e11} {
		for _, partitions := range []int64{16, 64, 256} {
			s, err := scale.ProofSizes(events, partitions, 1024)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%.0e\t%d\t%d\t%d\t%d\t%d\t\n", float64(events), partitions, s.Inclusion, s.TwoInclusion, s.Consistency, s.TwoConsistency)
		}
	}
	return nil
}

func catchingUp(w *tabwriter.Writer) {
	moved := []int{1, 5, 20, 100, 500}
	fmt.Fprint(w, "\nA client that comes back; partitions to read, by how many of its conversations moved:\npartitions\tcursor bytes\t")
	for _, n := range moved {
		fmt.Fprintf(w, "%d\t", n)
	}
	fmt.Fprintln(w)
	for _, partitions := range []int{1, 16, 64, 256} {
		positions := make([]int64, partitions)
		for i := range positions {
			positions[i] = 1e10 / int64(partitions)
		}
		fmt.Fprintf(w, "%d\t%d\t", partitions, len(scale.Cursor(1, positions)))
		for _, n := range moved {
			fmt.Fprintf(w, "%.1f\t", scale.Touched(partitions, n))
		}
		fmt.Fprintln(w)
	}
}
