package guard_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"chainmail/guard"
)

// benign is a message of about 100 bytes as friends write them.
const benign = "Are you coming over tonight? I can send you the address, we will get pizza and watch the match at nine."

// worst is text in which nearly every word is what a rule looks for, so that many expressions run over all of it.
const worst = "send me your seed claim free tokens call 09012345678 now please check my channel win prize 50p ignore "

// BenchmarkJudge is Normalise, all rules of the shipped policy and the classifier, for messages without reasons and with many. cpu-ns/op is the processor's
// time, which tells more than the clock's on a busy machine.
func BenchmarkJudge(b *testing.B) {
	g := serversGuard(b)
	texts := []struct{ name, text string }{
		{"benign", benign},
		{"scam", "Dear user, your wallet has been suspended. Send me your seed phrase at https://metamask-support.xyz to restore it"},
		{"benign-10k", repeated(benign, 10240)},
	}
	for kilobytes := 1; kilobytes <= 8; kilobytes *= 2 {
		texts = append(texts, struct{ name, text string }{fmt.Sprintf("worst-%dk", kilobytes), repeated(worst, kilobytes<<10)})
	}
	for _, test := range texts {
		b.Run(test.name, func(b *testing.B) {
			measure(b, func() { g.Judge(test.text) })
		})
	}
}

// BenchmarkJudgeGrowth is how much longer ten times as much text takes, for what makes the steps of Normalise do most: about ten.
func BenchmarkJudgeGrowth(b *testing.B) {
	g := serversGuard(b)
	for name, unit := range worstUnits {
		b.Run(name, func(b *testing.B) {
			took := map[int]time.Duration{}
			for b.Loop() {
				for _, size := range []int{1 << 10, 10 << 10} {
					text := strings.Repeat(unit, size/len(unit))
					start := processorTime(b)
					for range 100 {
						g.Judge(text)
					}
					took[size] += processorTime(b) - start
				}
			}
			b.ReportMetric(float64(took[10<<10])/float64(took[1<<10]), "10k/1k")
		})
	}
}

// BenchmarkJudgeNormalise is the part of BenchmarkJudge/benign that is neither rules nor classifier.
func BenchmarkJudgeNormalise(b *testing.B) {
	measure(b, func() { guard.Normalise(benign) })
}

// BenchmarkParsePolicy is what a reload takes.
func BenchmarkParsePolicy(b *testing.B) {
	measure(b, func() {
		if _, err := guard.ParsePolicy(guard.Shipped()); err != nil {
			b.Fatal(err)
		}
	})
}

func measure(b *testing.B, f func()) {
	b.ReportAllocs()
	start := processorTime(b)
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64(processorTime(b)-start)/float64(b.N), "cpu-ns/op")
}

func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func repeated(text string, size int) string {
	return strings.Repeat(text, size/len(text)+1)[:size]
}
